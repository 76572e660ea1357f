import { availableParallelism } from 'node:os';
import { type BatchResult, runBatch } from '../src/batch.ts';
import { FAILED_SEEDS } from '../src/failed-seeds.ts';
import { Report } from '../src/report.ts';
import { Simulator } from '../src/simulate.ts';

/** Fresh seeds for so long; on two cores that is some hundreds of worlds. */
const FRESH_MS = 150_000;

/** Runs seeds in all cores. @returns what went wrong, with the commands that replay it. */
async function failures(seeds: Iterator<string>): Promise<{ failed: string[]; report: Report }> {
	const report = new Report('');
	const failed: string[] = [];
	const onResult = (result: BatchResult) => {
		report.add(result);
		if (result.violation) failed.push(`${result.violation.message}\n  npm run sim -- --seed ${result.seed} --verbose`);
	};
	const next = () => {
		const { value, done } = seeds.next();
		return done ? undefined : { seed: value, options: {}, shrinkMs: 0 };
	};
	await runBatch({ jobs: availableParallelism(), next, onResult, signal: new AbortController().signal });
	return { failed, report };
}

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

	test('S1–S6, S11–S15, S18: seeds that once failed', async () => {
		const { failed } = await failures(FAILED_SEEDS.values());
		expect(failed).toEqual([]);
	}, 300_000);

	test('S1–S6, S11–S15, S18: fresh seeds, in which everything that may go wrong does', async () => {
		const { failed, report } = await failures(freshSeeds());
		expect(failed).toEqual([]);
		expect(report.notMet()).toEqual([]);
	}, 600_000);
});
