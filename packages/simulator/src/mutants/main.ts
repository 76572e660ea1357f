import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { count, readOptions, wrong } from '../command-line.ts';
import type { Hunted } from './hunt.ts';
import { MUTANTS } from './list.ts';
import type { Mutant } from './mutant.ts';
import { runTest } from './run-test.ts';
import { runWorlds } from './run-worlds.ts';

const HELP = `npm run mutants -- [options]    takes one guard after the other away and shows which world or test notices
  --only A,B     these guards; all others keep their row in the table
  --seeds N      worlds for each guard, at most (2000)
  --minutes M    for each guard, at most (30)
  --jobs J       guards at once (one for each core)
  --write        puts the table into docs/reliability.md`;
const values = readOptions(HELP, {
	only: { type: 'string' },
	seeds: { type: 'string', default: '2000' },
	minutes: { type: 'string', default: '30' },
	jobs: { type: 'string', default: String(availableParallelism()) },
	write: { type: 'boolean', default: false },
});

const PAGE = resolve(import.meta.dirname, '../../../../docs/reliability.md');
const limits = {
	seeds: count('seeds', values.seeds, 1, HELP),
	minutes: count('minutes', values.minutes, 1, HELP),
};
const jobs = count('jobs', values.jobs, 1, HELP);
const watch = (mutant: Mutant): Promise<Hunted> =>
	mutant.test ? runTest({ ...mutant, test: mutant.test }) : runWorlds(mutant, limits);

const names = values.only?.split(',') ?? MUTANTS.map(({ name }) => name);
for (const name of names) {
	if (!MUTANTS.some((mutant) => mutant.name === name)) wrong(`There is no guard "${name}" in the list.`, HELP);
}
const wanted = MUTANTS.filter(({ name }) => names.includes(name));
const results = new Map<string, Hunted>();
const queue = [...wanted];
const hand = async () => {
	for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
		const result = await watch(mutant);
		results.set(mutant.name, result);
		console.log(lineOf(mutant, result));
		if (values.write) writeTable();
	}
};
await Promise.all(Array.from({ length: jobs }, hand));

const survivors = wanted.filter(({ name }) => !results.get(name)?.found);
console.log(`${wanted.length - survivors.length} of ${wanted.length} guards are watched.`);
for (const { name, guard } of survivors) console.log(`Nobody noticed that this was gone: ${name} (${guard})`);
process.exitCode = survivors.length > 0 ? 1 : 0;

function lineOf({ name, guard, test }: Mutant, { runs, found, milliseconds }: Hunted): string {
	const seconds = (milliseconds / 1000).toFixed(1);
	const watcher = test ? `_${test.name}_ (\`${test.suite}\`)` : `${found?.invariant}, \`${found?.seed}\``;
	return `| ${guard} | \`${name}\` | ${found ? watcher : '**nobody**'} | ${test ? '–' : runs} | ${seconds} |`;
}

/** Between two marks in the page; what was left out now keeps its row. */
function writeTable(): void {
	const page = readFileSync(PAGE, 'utf8');
	const [start, end] = ['<!-- mutants -->', '<!-- /mutants -->'];
	const rows = MUTANTS.flatMap((mutant) => {
		const result = results.get(mutant.name);
		const before = page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${mutant.name}\``));
		return result ? [lineOf(mutant, result)] : (before ?? []);
	});
	const table = [
		'| guard that is taken away | name | noticed by | runs | seconds |',
		'| --- | --- | --- | --- | --- |',
		...rows,
	];
	const [before, after] = [page.slice(0, page.indexOf(start) + start.length), page.slice(page.indexOf(end))];
	writeFileSync(PAGE, `${before}\n\n${table.join('\n')}\n\n${after}`);
}
