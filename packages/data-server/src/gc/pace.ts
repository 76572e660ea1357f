import { setTimeout as sleep } from 'node:timers/promises';

/** Called between small steps of work. Rejects when the work has to end here; it is picked up by the next run. */
export type Pause = () => Promise<void>;

/** Whoever waits for files comes first: for each millisecond of work the collector rests this many. */
const REST = 3;
const LONGEST_REST_MS = 2000;

/** Leaves the machine to others most of the time. */
export function gently(stopping: AbortSignal): Pause {
	let since = performance.now();
	return async () => {
		const worked = performance.now() - since;
		await sleep(Math.min(worked * REST, LONGEST_REST_MS), undefined, { signal: stopping });
		since = performance.now();
	};
}

/** For an administrator who waits for it, and whom nobody else waits beside. */
export const atOnce: Pause = async () => {};
