import { Simulator } from '../simulate.ts';
import { MUTANTS } from './list.ts';

/** What one mutant came to, on one line of JSON. */
export interface Hunted {
	readonly runs: number;
	/** null: nothing noticed that the guard was gone. */
	readonly found: { readonly seed: string; readonly invariant: string; readonly message: string } | null;
	readonly milliseconds: number;
}

/** The server's guards are looked for where they are; all others do without SQL. */
const { file = '' } = MUTANTS.find(({ name }) => name === process.env.MUTANT) ?? {};
const serverStore = file.startsWith('data-server/') ? 'sqlite' : 'memory';

/** Runs the seeds `hunt-FIRST`, … until one fails, or so long. */
async function hunt(first: number, last: number, milliseconds: number): Promise<Hunted> {
	const simulator = new Simulator();
	const started = performance.now();
	const since = () => Math.round(performance.now() - started);
	const done = (run: number, found: Hunted['found']): Hunted => ({
		runs: run - first + 1,
		found,
		milliseconds: since(),
	});
	let run = first;
	for (; run <= last && since() < milliseconds; run++) {
		const seed = `hunt-${run}`;
		try {
			const { violation } = await simulator.run(seed, { serverStore });
			if (violation) return done(run, { seed, invariant: violation.invariant, message: violation.message });
		} catch (error) {
			return done(run, { seed, invariant: 'breaks', message: String(error) });
		}
	}
	await simulator.close();
	return done(run - 1, null);
}

const [first, last, milliseconds] = process.argv.slice(2).map(Number) as [number, number, number];
console.log(JSON.stringify(await hunt(first, last, milliseconds)));
process.exit();
