import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { givenToJob } from './jobs/handed-over.ts';
import type { Disk, JobArgs, JobName, JobResult } from './jobs/index.ts';
import type { WorkerAnswer, WorkerRequest } from './serve-jobs.ts';

interface Waiting {
	resolve(result: unknown): void;
	reject(error: Error): void;
}
interface Hand {
	readonly worker: Worker;
	readonly waiting: Map<number, Waiting>;
}

/** Runs jobs on a few threads, each next job on the one with the least to do. */
export class WorkerDisk implements Disk {
	readonly #hands: Set<Hand>;
	readonly #script: URL;
	#lastId = 0;
	#closed: Error | undefined;

	/** @param script of a thread; it calls `serveJobs`. */
	constructor(
		threads: number = Math.max(2, Math.min(4, availableParallelism())),
		script: URL = new URL('./worker.ts', import.meta.url),
	) {
		this.#script = script;
		this.#hands = new Set(Array.from({ length: threads }, () => this.#hire()));
	}

	run<Name extends JobName>(name: Name, ...args: JobArgs<Name>): Promise<JobResult<Name>> {
		if (this.#closed) return Promise.reject(this.#closed);
		const hand = [...this.#hands].reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
		const id = ++this.#lastId;
		return new Promise<JobResult<Name>>((resolve, reject) => {
			hand.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
			hand.worker.postMessage({ id, name, args } satisfies WorkerRequest, givenToJob(name, args));
		});
	}

	/** Waits for the jobs under way: none is cut off between two steps. */
	async close(): Promise<void> {
		this.#closed ??= new Error('The disk threads have been stopped.');
		const hands = [...this.#hands];
		await Promise.allSettled(hands.flatMap(({ waiting }) => [...waiting.values()].map(settled)));
		await Promise.all(hands.map(({ worker }) => worker.terminate()));
	}

	#hire(): Hand {
		const worker = new Worker(this.#script);
		const waiting = new Map<number, Waiting>();
		worker.on('message', (answer: WorkerAnswer) => {
			const job = waiting.get(answer.id);
			waiting.delete(answer.id);
			if ('failure' in answer)
				job?.reject(Object.assign(new Error(answer.failure), answer.code && { code: answer.code }));
			else job?.resolve(answer.result);
		});
		const hand = { worker, waiting };
		worker.on('error', (error) => this.#replace(hand, error as Error));
		return hand;
	}

	/** A thread that died, of a lack of memory for one, takes its own jobs along and nobody else's. */
	#replace(hand: Hand, error: Error): void {
		this.#hands.delete(hand);
		if (!this.#closed) this.#hands.add(this.#hire());
		for (const job of hand.waiting.values()) job.reject(error);
		hand.waiting.clear();
	}
}

function settled(job: Waiting): Promise<void> {
	return new Promise((done) => {
		const { resolve, reject } = job;
		job.resolve = (result) => {
			resolve(result);
			done();
		};
		job.reject = (error) => {
			reject(error);
			done();
		};
	});
}
