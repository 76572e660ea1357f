import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Hunted } from './hunt.ts';
import type { Mutant } from './mutant.ts';

export interface Limits {
	/** At most, worlds. */
	readonly seeds: number;
	readonly minutes: number;
}

const here = (file: string) => resolve(import.meta.dirname, file);

/** Runs worlds without the guard until one fails that does not fail with it. */
export async function runWorlds({ name }: Mutant, { seeds, minutes }: Limits): Promise<Hunted> {
	let [runs, milliseconds] = [0, 0];
	for (;;) {
		const hunted = await hunt(name, runs + 1, seeds, minutes * 60_000 - milliseconds);
		runs += hunted.runs;
		milliseconds += hunted.milliseconds;
		const proven = hunted.found && (await hunt('', runs, runs, minutes * 60_000)).found === null;
		if (!hunted.found || proven) return { ...hunted, runs, milliseconds };
	}
}

async function hunt(mutant: string, first: number, last: number, milliseconds: number): Promise<Hunted> {
	const args = ['--disable-warning=ExperimentalWarning', '--import', here('hook.ts'), here('hunt.ts')];
	const env = { ...process.env, MUTANT: mutant };
	const started = performance.now();
	try {
		// Without the guard it may turn in a circle in one world: then nobody has said anything.
		const options = { env, maxBuffer: 1e8, timeout: milliseconds + 60_000 };
		const numbers = [first, last, milliseconds].map(String);
		const { stdout } = await promisify(execFile)(process.execPath, [...args, ...numbers], options);
		return JSON.parse(stdout);
	} catch (error) {
		if (!(error as { killed?: boolean }).killed) throw error;
		return { runs: 0, found: null, milliseconds: Math.round(performance.now() - started) };
	}
}
