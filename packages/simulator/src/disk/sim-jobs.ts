import { type Disk, type Fs, JOBS, type JobArgs, type JobName, type JobResult } from '@mydropbox/client';
import type { Count } from '../effects.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

/** Of the time that a job waits, and that its result takes, milliseconds. */
const MEAN_MS = 0.5;

/** The daemon's disk threads: jobs take some time and end in any order. Each runs at once, between two steps of others. */
export class SimJobs implements Disk {
	readonly #fs: Fs;
	readonly #scheduler: Scheduler;
	readonly #random: Random;
	readonly #isAlive: () => boolean;
	/** What is being done at this moment. */
	job: JobName | undefined;
	/** Stamps of files that are being read part by part, by path. */
	readonly #parts = new Map<string, string | undefined>();
	readonly #count: Count;
	#open = 0;
	#closed: (() => void) | undefined;

	constructor(fs: Fs, scheduler: Scheduler, random: Random, isAlive: () => boolean, count: Count) {
		this.#fs = fs;
		this.#scheduler = scheduler;
		this.#random = random;
		this.#isAlive = isAlive;
		this.#count = count;
	}

	run<Name extends JobName>(name: Name, ...args: JobArgs<Name>): Promise<JobResult<Name>> {
		this.#open++;
		return new Promise((resolve, reject) => {
			this.#later(async () => {
				this.job = name;
				try {
					const job = JOBS[name] as (fs: Fs, ...all: unknown[]) => unknown;
					const result = (await job(this.#fs, ...args)) as JobResult<Name>;
					this.#observe(name, args, result);
					// A part of a large file takes long enough that its programs write in between.
					this.#later(() => this.#finish(() => resolve(result)), isOfPart(name) ? 60 : MEAN_MS);
				} catch (error) {
					this.#later(() => this.#finish(() => reject(error)));
				} finally {
					this.job = undefined;
				}
			});
		});
	}

	#observe(name: JobName, args: readonly unknown[], result: unknown): void {
		if (isOfPart(name)) {
			const [path, start] = args as JobArgs<'cutFile' | 'matchBlocks'>;
			const part = result as JobResult<'cutFile' | 'matchBlocks'>;
			const stamp = 'entry' in part ? part.entry.stamp : undefined;
			if (start > 0 && stamp !== this.#parts.get(path)) this.#count('changed-between-parts');
			if ('isLast' in part && !part.isLast) this.#count('read-in-parts');
			if ('count' in part && part.count > 0) this.#count('read-as-before');
			this.#parts.set(path, stamp);
		}
		if (name === 'renameStaged' && result) this.#count('arrived');
		if (name === 'stage') {
			const [path, pieces] = args as JobArgs<'stage'>;
			if (isArriving(path) && pieces.some(({ bytes }) => bytes)) this.#count('arriving');
			else if (pieces.length > 0)
				this.#count(pieces.some(({ bytes, from }) => bytes || from) ? 'staged' : 'stage-resumed');
		}
	}

	#later(work: () => void, mean = MEAN_MS): void {
		this.#scheduler.after(this.#random.soon(mean), () => {
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

/** Of a large file. */
const isOfPart = (name: JobName): boolean => name === 'cutFile' || name === 'matchBlocks';

/** Its commit is still to come. */
const isArriving = (path: string): boolean => path.includes('/arriving-');
