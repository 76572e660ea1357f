import { parseArgs } from 'node:util';
import { Simulator } from './simulate.ts';

const { values } = parseArgs({
	options: {
		seeds: { type: 'string', default: '100' },
		seed: { type: 'string' },
		verbose: { type: 'boolean', default: false },
	},
});

const simulator = new Simulator();
const counts = new Map<string, number>();
const started = performance.now();
const first = values.seed ?? `${Date.now().toString(36)}-1`;
const [base, number] = /^(.*?)(\d+)$/.exec(first)?.slice(1) ?? [first, '1'];
const runs = values.seed === undefined || process.argv.includes('--seeds') ? Number(values.seeds) : 1;
let failed = 0;
let steps = 0;
for (let i = 0; i < runs; i++) {
	const seed = runs === 1 ? first : `${base}${Number(number) + i}`;
	const print = values.verbose ? (line: string) => console.log(line) : undefined;
	const result = await simulator.run(seed, print ? { print } : {});
	steps += result.steps;
	for (const [kind, count] of result.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
	if (result.violation) {
		failed++;
		console.log(
			`${result.violation.message.slice(0, values.verbose ? 5000 : 500)}\n  replay: npm run sim -- --seed ${seed} --verbose`,
		);
	}
	if (runs === 1)
		console.log(`trace ${result.hash}, ${result.steps} steps, ${Math.round(result.virtualMs)} virtual ms`);
}
const seconds = (performance.now() - started) / 1000;
for (const [kind, count] of [...counts].sort()) console.log(`${String(count).padStart(9)} ${kind}`);
console.log(
	`${runs} runs, ${failed} failed, ${steps} steps, ${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(1)} runs/s`,
);
await simulator.close();
process.exitCode = failed > 0 ? 1 : 0;
