import { availableParallelism } from 'node:os';
import { type BatchResult, runBatch } from '../src/batch.ts';
import { FAILED_SEEDS } from '../src/failed-seeds.ts';
import { Report } from '../src/report.ts';
import { Simulator } from '../src/simulate.ts';

/** Worlds that are always the same: all that may go wrong does so in them. */
const STEADY_SEEDS = 300;
/** Fresh ones until all of this has taken so long; docs/reliability.md says how many have failed so far. */
const UNTIL = performance.now() + 240_000;

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

/** Until the time is up; a hundred if it is already. */
function* freshSeeds(): Generator<string> {
	const base = Date.now().toString(36);
	for (let number = 1; number <= 100 || performance.now() < UNTIL; number++) yield `${base}-${number}`;
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
		expect(await run(steadySeeds())).toEqual({ failed: [], notMet: [] });
	}, 300_000);

	test('S1–S6, S11–S15, S18: worlds that nobody has seen', async () => {
		expect((await run(freshSeeds())).failed).toEqual([]);
	}, 600_000);
});
