import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Hunted } from './hunt.ts';
import { MUTANTS } from './list.ts';
import type { Mutant } from './mutant.ts';
import { runTest } from './run-test.ts';
import { runWorlds } from './run-worlds.ts';

/** Takes one guard after the other away and shows which world or test notices; `--write` puts the table into the documentation. */
const { values } = parseArgs({
	options: {
		only: { type: 'string' },
		/** At most, for each guard. */
		seeds: { type: 'string', default: '2000' },
		jobs: { type: 'string', default: String(availableParallelism()) },
		/** For each guard. */
		minutes: { type: 'string', default: '30' },
		write: { type: 'boolean', default: false },
	},
});

const PAGE = resolve(import.meta.dirname, '../../../../docs/reliability.md');
const limits = { seeds: Number(values.seeds), minutes: Number(values.minutes) };
const watch = (mutant: Mutant): Promise<Hunted> =>
	mutant.test ? runTest({ ...mutant, test: mutant.test }) : runWorlds(mutant, limits);

const wanted = MUTANTS.filter(({ name }) => !values.only || values.only.split(',').includes(name));
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
await Promise.all(Array.from({ length: Number(values.jobs) }, hand));

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
