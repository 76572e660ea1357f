import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * The options of this program; `--help`, or a command line that is wrong, ends it with a text.
 * @param help all options, for a person.
 */
export function readOptions<T extends ParseArgsOptionsConfig>(help: string, options: T) {
	if (process.argv.includes('--help')) {
		console.log(help);
		process.exit(0);
	}
	try {
		return parseArgs({ options }).values;
	} catch (error) {
		return wrong((error as Error).message, help);
	}
}

/** Ends the program. */
export function wrong(message: string, help: string): never {
	console.error(`${message}\n\n${help}`);
	process.exit(2);
}

/** @returns a number of at least that, or ends the program. */
export function count(name: string, text: string, least: number, help: string): number {
	const number = Number(text);
	return Number.isFinite(number) && number >= least ? number : wrong(`--${name} must be a number from ${least}.`, help);
}
