import { FAILED_SEEDS } from '../src/failed-seeds.ts';
import { Simulator } from '../src/simulate.ts';

/**
 * Always the same ones for now: about one in thirty new seeds still fails (v12, u47, v35 and z11 are known and open; see
 * SPEC.md of the sync engine). `npm run sim -- --seeds N` runs new ones.
 */
const STEADY_SEEDS = 25;
/** Open (S4, S11; seeds v12, u47): a database that was rolled back takes what has moved since for deleted. */
const without = new Set(['database-stale']);

describe('worlds made of seeds', () => {
	let simulator: Simulator;
	beforeEach(() => {
		simulator = new Simulator();
	});
	afterEach(() => simulator.close());

	const failures = async (seeds: readonly string[]): Promise<string[]> => {
		const found: string[] = [];
		for (const seed of seeds) {
			const { violation } = await simulator.run(seed, { without });
			if (violation) found.push(`${violation.message}\n  npm run sim -- --seed ${seed} --verbose`);
		}
		return found;
	};

	test('S19: the same seed gives the same trace', async () => {
		for (const seed of ['same-1', 'same-2', 'same-3']) {
			const [one, other] = [await simulator.run(seed), await simulator.run(seed)];
			expect(other.hash).toBe(one.hash);
			expect(other.steps).toBe(one.steps);
		}
	}, 60_000);

	test('S1–S6, S12, S18: seeds that once failed', async () => {
		expect(await failures(FAILED_SEEDS)).toEqual([]);
	}, 300_000);

	test('S1–S6, S12, S18: a round of seeds', async () => {
		expect(await failures(Array.from({ length: STEADY_SEEDS }, (_, i) => `steady-${i + 1}`))).toEqual([]);
	}, 300_000);
});
