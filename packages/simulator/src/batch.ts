import { type ChildProcess, fork } from 'node:child_process';
import type { Shrunk } from './shrink.ts';
import type { RunResult } from './simulate.ts';
import type { Task } from './worker.ts';

export type BatchResult = RunResult & { readonly shrunk?: Shrunk };

export interface BatchOptions {
	/** Processes. */
	readonly jobs: number;
	/** The next seed to run; undefined: no more. */
	readonly next: () => Task | undefined;
	readonly onResult: (result: BatchResult) => void;
	readonly signal: AbortSignal;
}

/** A world takes some tenths of a second. One that takes so long goes round in a circle, and nothing in it can stop it. */
const ENDLESS_MS = 120_000;
const TICK_MS = 1000;
const WORKER = new URL('worker.ts', import.meta.url);
/** Megabytes for what is young: most of a world is rubbish as soon as it is over, and need not be copied before. */
const ROOMY = '--max-semi-space-size=64';

/** Runs seeds in processes beside each other until there are no more, or the signal fires. */
export async function runBatch({ jobs, next, onResult, signal }: BatchOptions): Promise<void> {
	await Promise.all(Array.from({ length: jobs }, () => work(next, onResult, signal)));
}

async function work(next: BatchOptions['next'], onResult: BatchOptions['onResult'], signal: AbortSignal) {
	let child: ChildProcess | undefined;
	const stop = () => child?.disconnect();
	signal.addEventListener('abort', stop);
	try {
		for (let task = next(); task && !signal.aborted; task = next()) {
			child ??= fork(WORKER, { serialization: 'advanced', execArgv: [...process.execArgv, ROOMY] });
			const result = await answer(child, task);
			if (result) onResult(result);
			else child = undefined;
		}
	} finally {
		signal.removeEventListener('abort', stop);
		if (child?.connected) child.disconnect();
	}
}

/**
 * @returns undefined when the process has ended, which is a failure of the simulator itself unless it was asked to.
 * @throws Error that names the seed of a world that does not end.
 */
function answer(child: ChildProcess, task: Task): Promise<BatchResult | undefined> {
	return new Promise((resolve, reject) => {
		// In ticks: while we, and with us the worker, are stopped, nothing goes round.
		let left = (ENDLESS_MS + task.shrinkMs) / TICK_MS;
		const endless = setInterval(() => {
			if (left-- > 0) return;
			clearInterval(endless);
			child.kill('SIGKILL');
			reject(new Error(`The world of seed ${task.seed} does not end.`));
		}, TICK_MS);
		const ended = (code: number | null) => {
			clearInterval(endless);
			if (child.connected || code === 0) resolve(undefined);
			else reject(new Error(`The process that ran seed ${task.seed} ended (${code}).`));
		};
		child.once('exit', ended);
		child.once('message', (result) => {
			child.off('exit', ended);
			clearInterval(endless);
			resolve(result as BatchResult);
		});
		child.send(task);
	});
}
