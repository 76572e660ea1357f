import { type Disk, type Fs, JOBS, type JobArgs, type JobName, type JobResult } from '@mydropbox/client';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

/** The daemon's disk threads: jobs take some time and end in any order. Each runs at once, between two steps of others. */
export class SimJobs implements Disk {
	readonly #fs: Fs;
	readonly #scheduler: Scheduler;
	readonly #random: Random;
	readonly #isAlive: () => boolean;
	/** What is being done at this moment. */
	job: JobName | undefined;
	#open = 0;
	#closed: (() => void) | undefined;

	constructor(fs: Fs, scheduler: Scheduler, random: Random, isAlive: () => boolean) {
		this.#fs = fs;
		this.#scheduler = scheduler;
		this.#random = random;
		this.#isAlive = isAlive;
	}

	run<Name extends JobName>(name: Name, ...args: JobArgs<Name>): Promise<JobResult<Name>> {
		this.#open++;
		return new Promise((resolve, reject) => {
			this.#later(async () => {
				this.job = name;
				try {
					const job = JOBS[name] as (fs: Fs, ...all: unknown[]) => unknown;
					const result = (await job(this.#fs, ...args)) as JobResult<Name>;
					this.#later(() => this.#finish(() => resolve(result)));
				} catch (error) {
					this.#later(() => this.#finish(() => reject(error)));
				} finally {
					this.job = undefined;
				}
			});
		});
	}

	#later(work: () => void): void {
		this.#scheduler.after(this.#random.soon(0.5), () => {
			if (this.#isAlive()) work();
		});
	}

	#finish(tell: () => void): void {
		this.#open--;
		tell();
		if (this.#open === 0) this.#closed?.();
	}

	close(): Promise<void> {
		if (this.#open === 0) return Promise.resolve();
		return new Promise((resolve) => {
			this.#closed = resolve;
		});
	}
}
