import { availableParallelism } from 'node:os';
import { type BatchResult, runBatch } from '../src/batch.ts';
import { FAILED_SEEDS } from '../src/failed-seeds.ts';
import { Simulator } from '../src/simulate.ts';

/** Always the same ones while fresh ones still find something now and then (SPEC.md says what); `npm run sim` runs fresh ones. */
const STEADY_SEEDS = Array.from({ length: 150 }, (_, index) => `steady-${index + 1}`);

/** Runs seeds in all cores. @returns what went wrong, with the commands that replay it. */
async function failures(seeds: readonly string[]): Promise<string[]> {
	const rest = seeds.values();
	const failed: string[] = [];
	const onResult = (result: BatchResult) => {
		if (result.violation) failed.push(`${result.violation.message}\n  npm run sim -- --seed ${result.seed} --verbose`);
	};
	const next = () => {
		const { value, done } = rest.next();
		return done ? undefined : { seed: value, options: {}, shrinkMs: 0 };
	};
	await runBatch({ jobs: availableParallelism(), next, onResult, signal: new AbortController().signal });
	return failed;
}

describe('worlds made of seeds', () => {
	test('S19: the same seed gives the same trace', async () => {
		const simulator = new Simulator();
		for (const seed of ['same-1', 'same-2', 'same-3']) {
			const [one, other] = [await simulator.run(seed), await simulator.run(seed)];
			expect(other.hash).toBe(one.hash);
			expect(other.steps).toBe(one.steps);
		}
		await simulator.close();
	}, 60_000);

	test('a world is the same whether the server keeps what it knows in memory or in SQL', async () => {
		const simulator = new Simulator();
		const base = Date.now().toString(36);
		for (let number = 1; number <= 12; number++) {
			const seed = `${base}-${number}`;
			const [memory, sqlite] = [
				await simulator.run(seed, { serverStore: 'memory' }),
				await simulator.run(seed, { serverStore: 'sqlite' }),
			];
			expect({ seed, hash: memory.hash }).toEqual({ seed, hash: sqlite.hash });
		}
		await simulator.close();
	}, 120_000);

	test('S1–S6, S11–S15, S18: seeds that once failed', async () => {
		expect(await failures(FAILED_SEEDS)).toEqual([]);
	}, 300_000);

	test('S1–S6, S11–S15, S18: a round of seeds', async () => {
		expect(await failures(STEADY_SEEDS)).toEqual([]);
	}, 600_000);
});
