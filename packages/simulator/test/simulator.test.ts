import { availableParallelism } from 'node:os';
import { type BatchResult, runBatch } from '../src/batch.ts';
import { FAILED_SEEDS } from '../src/failed-seeds.ts';
import { Report } from '../src/report.ts';
import { Simulator } from '../src/simulate.ts';

/** Worlds that are always the same… */
const STEADY_SEEDS = 500;
/** …and with `MYDROPBOX_TEST_ALL=1` fresh ones for so long; docs/reliability.md says how many of them have failed. */
const FRESH_MS = 200_000;

/** Runs seeds in all cores. @returns what went wrong, with the commands that replay it; and what no world has met. */
async function run(seeds: Iterator<string>): Promise<{ failed: string[]; notMet: readonly string[] }> {
	const report = new Report('');
	const failed: string[] = [];
	const onResult = (result: BatchResult) => {
		report.count(result);
		if (result.violation) failed.push(`${result.violation.message}\n  npm run sim -- --seed ${result.seed} --verbose`);
	};
	const next = () => {
		const { value, done } = seeds.next();
		return done ? undefined : { seed: value, options: {}, shrinkMs: 0 };
	};
	await runBatch({ jobs: availableParallelism(), next, onResult, signal: new AbortController().signal });
	return { failed, notMet: report.notMet() };
}

const steadySeeds = (): Iterator<string> =>
	Array.from({ length: STEADY_SEEDS }, (_, index) => `steady-${index + 1}`).values();

/** Worlds that nobody has seen, until the time is up. */
function* freshSeeds(): Generator<string> {
	const base = Date.now().toString(36);
	const end = performance.now() + FRESH_MS;
	for (let number = 1; performance.now() < end; number++) yield `${base}-${number}`;
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
		// The collector is made for SQL.
		const without = new Set(['garbage']);
		for (let number = 1; number <= 12; number++) {
			const seed = `${base}-${number}`;
			const [memory, sqlite] = [
				await simulator.run(seed, { serverStore: 'memory', without }),
				await simulator.run(seed, { serverStore: 'sqlite', without }),
			];
			expect({ seed, hash: memory.hash }).toEqual({ seed, hash: sqlite.hash });
		}
		await simulator.close();
	}, 120_000);

	test('S1–S6, S11–S15, S18: seeds that once failed', async () => {
		expect((await run(FAILED_SEEDS.values())).failed).toEqual([]);
	}, 300_000);

	test('S1–S6, S11–S15, S18: worlds in which everything goes wrong that may', async () => {
		const seeds = process.env.MYDROPBOX_TEST_ALL ? freshSeeds() : steadySeeds();
		expect(await run(seeds)).toEqual({ failed: [], notMet: [] });
	}, 600_000);
});
