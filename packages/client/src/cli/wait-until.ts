import { setTimeout } from 'node:timers/promises';

const PAUSE_MS = 50;

/** @returns whether the condition became true in time. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
	const end = performance.now() + deadlineMs;
	while (!(await condition())) {
		if (performance.now() > end) return false;
		await setTimeout(PAUSE_MS);
	}
	return true;
}
