import { shrink } from '../src/shrink.ts';
import type { RunOptions, RunResult } from '../src/simulate.ts';

const EVENTS = ['d0.deed-0', 'd1.deed-1', 'd2.deed-2', 'd1.fault-0', 'd0.intrusion-0', 'd0.deed-3', 'd2.deed-4'];

/** Worlds that fail when all of these events happen. */
const failsWith = (needed: readonly string[], invariant = 'S1') => ({
	run: async (seed: string, { only = new Set(EVENTS), print }: RunOptions = {}): Promise<RunResult> => {
		const events = EVENTS.filter((event) => only.has(event));
		for (const event of events) print?.(event);
		const violation = needed.every((event) => only.has(event))
			? { invariant, message: `${invariant}: lost` }
			: undefined;
		return { seed, events, violation, hash: '', operations: 0, counts: new Map(), steps: 0, virtualMs: 0 };
	},
});

describe('shrinking a failing world', () => {
	test('leaves exactly the events that it takes', async () => {
		const needed = ['d1.deed-1', 'd1.fault-0', 'd2.deed-4'];
		const simulator = failsWith(needed);
		const found = await shrink(simulator, await simulator.run('x'), {}, 60_000);
		expect(found.only).toEqual(needed);
		expect(found.trace).toEqual(needed);
	});

	test('does not take another violation for the same one', async () => {
		const first = await failsWith([]).run('x');
		const found = await shrink(failsWith([], 'S5'), first, {}, 60_000);
		expect(found.only).toEqual(EVENTS);
	});

	test('stops when the time is up, with what it has', async () => {
		const simulator = failsWith(['d1.deed-1']);
		const found = await shrink(simulator, await simulator.run('x'), {}, 0);
		expect(found.only).toEqual(EVENTS);
		expect(found.runs).toBe(0);
	});
});
