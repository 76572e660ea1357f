import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something that only looking can tell. `look` gives undefined, false or throws for "not yet".
 * @throws Error that says what was waited for, and what the last look found.
 */
export async function until<T>(what: string, look: () => Promise<T> | T, withinMs = 30_000): Promise<NonNullable<T>> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		let found: T | undefined;
		let problem: unknown;
		try {
			found = await look();
		} catch (error) {
			problem = error;
		}
		if (found) return found;
		if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`, { cause: problem });
		await sleep(50);
	}
}
