import { parentPort } from 'node:worker_threads';
import { givenByJob } from './jobs/handed-over.ts';
import { JOBS, type JobName } from './jobs/index.ts';
import type { Fs } from './port.ts';

export interface WorkerRequest {
	readonly id: number;
	readonly name: JobName;
	readonly args: readonly unknown[];
}
export type WorkerAnswer =
	| { readonly id: number; readonly result: unknown }
	| {
			readonly id: number;
			readonly failure: string;
			/** What the disk said, when that is why. */
			readonly code?: string | undefined;
	  };

/**
 * Runs the jobs that come to this thread; while one waits for the disk to sync, others go on.
 * @param diskOf what a job of that name sees as the disk.
 */
export function serveJobs(diskOf: (job: JobName) => Fs): void {
	parentPort!.on('message', async ({ id, name, args }: WorkerRequest) => {
		try {
			const job = JOBS[name] as (...all: unknown[]) => unknown;
			const result = await job(diskOf(name), ...args);
			parentPort!.postMessage({ id, result } satisfies WorkerAnswer, givenByJob(name, result));
		} catch (error) {
			const { stack, code } = error as NodeJS.ErrnoException;
			parentPort!.postMessage({ id, failure: stack ?? String(error), code } satisfies WorkerAnswer);
		}
	});
}
