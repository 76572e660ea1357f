import { FAILED_SEEDS, OPEN_FAULTS } from '../src/failed-seeds.ts';
import { Simulator } from '../src/simulate.ts';

/** Always the same ones while fresh ones still find something. `npm run sim -- --seeds N` runs new ones. */
const STEADY_SEEDS = 25;
describe('worlds made of seeds', () => {
	let simulator: Simulator;
	beforeEach(() => {
		simulator = new Simulator();
	});
	afterEach(() => simulator.close());

	const failures = async (seeds: readonly string[]): Promise<string[]> => {
		const found: string[] = [];
		for (const seed of seeds) {
			const { violation } = await simulator.run(seed, { without: OPEN_FAULTS });
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
