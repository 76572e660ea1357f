import { availableParallelism } from 'node:os';
import { type BatchResult, runBatch } from './batch.ts';
import { count, readOptions } from './command-line.ts';
import { Report } from './report.ts';
import { shrink } from './shrink.ts';
import { type RunOptions, Simulator } from './simulate.ts';

const HELP = `npm run sim -- [options]
  --seeds N      that many new worlds (100), in all processes together
  --jobs J       processes (one for each core)
  --seed S       this world alone, or with --seeds the first of them: S ends in a number then
  --only A,B     only these deeds, faults and intrusions happen
  --without A,B  these kinds of faults do not happen
  --shrink T     seconds for finding the few events that make a world fail (60; 0: none)
  --verbose      with --seed: print everything that happens`;

const values = readOptions(HELP, {
	seeds: { type: 'string', default: '100' },
	jobs: { type: 'string', default: String(availableParallelism()) },
	seed: { type: 'string' },
	only: { type: 'string' },
	without: { type: 'string', default: '' },
	shrink: { type: 'string', default: '60' },
	verbose: { type: 'boolean', default: false },
});

/** More failing worlds than this are listed without looking for what makes them fail. */
const MOST_SHRUNK = 10;

const options: RunOptions = {
	without: new Set(values.without.split(',').filter(Boolean)),
	...(values.only === undefined ? {} : { only: new Set(values.only.split(',').filter(Boolean)) }),
};
const shrinkMs = count('shrink', values.shrink, 0, HELP) * 1000;
const asked = process.argv.slice(2);

if (values.seed !== undefined && !asked.some((argument) => argument.startsWith('--seeds'))) await runOne(values.seed);
else {
	const [seeds, jobs] = [count('seeds', values.seeds, 1, HELP), count('jobs', values.jobs, 1, HELP)];
	await runMany(values.seed ?? `${Date.now().toString(36)}-1`, seeds, jobs);
}

async function runOne(seed: string): Promise<void> {
	const report = new Report(values.without);
	const simulator = new Simulator();
	const print = values.verbose ? { print: (line: string) => console.log(line) } : {};
	let result: BatchResult = await simulator.run(seed, { ...options, ...print });
	const { violation, hash, steps, virtualMs } = result;
	if (violation && shrinkMs > 0 && values.only === undefined && !values.verbose)
		result = { ...result, shrunk: await shrink(simulator, result, options, shrinkMs) };
	await simulator.close();
	report.add(result);
	if (!values.verbose) report.print();
	console.log(`trace ${hash}, ${steps} steps, ${Math.round(virtualMs)} virtual ms`);
	process.exitCode = violation ? 1 : 0;
}

async function runMany(first: string, seeds: number, jobs: number): Promise<void> {
	const [base, number] = /^(.*?)(\d+)$/.exec(first)?.slice(1) ?? [first, '1'];
	const report = new Report(values.without);
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
	let given = 0;
	const next = () => {
		if (given === seeds) return undefined;
		const seed = `${base}${Number(number) + given++}`;
		return { seed, options, shrinkMs: report.failed < MOST_SHRUNK ? shrinkMs : 0 };
	};
	await runBatch({ jobs, next, onResult: (result) => report.add(result), signal: stop.signal });
	report.print();
	process.exitCode = report.failed > 0 || report.notMet().length > 0 ? 1 : 0;
}
