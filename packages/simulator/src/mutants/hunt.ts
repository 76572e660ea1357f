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

/** Runs the seeds `hunt-1`, `hunt-2`, … until one fails. */
async function hunt(most: number): Promise<Hunted> {
	const simulator = new Simulator();
	const started = performance.now();
	const done = (runs: number, found: Hunted['found']): Hunted => ({
		runs,
		found,
		milliseconds: Math.round(performance.now() - started),
	});
	for (let run = 1; run <= most; run++) {
		const seed = `hunt-${run}`;
		try {
			const { violation } = await simulator.run(seed, { serverStore });
			if (violation) return done(run, { seed, invariant: violation.invariant, message: violation.message });
		} catch (error) {
			return done(run, { seed, invariant: 'breaks', message: String(error) });
		}
	}
	await simulator.close();
	return done(most, null);
}

console.log(JSON.stringify(await hunt(Number(process.argv[2]))));
process.exit();
