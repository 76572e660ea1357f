/** One guard taken away, as a change of the source text. The simulator must notice: otherwise nothing watches the guard. */
export interface Mutant {
	readonly name: string;
	/** What is taken away, in words. */
	readonly guard: string;
	/** Relative to `packages`. */
	readonly file: string;
	/** Occurs exactly once in the file. */
	readonly from: string;
	readonly to: string;
}

export class MutantDoesNotFit extends Error {
	override readonly name = 'MutantDoesNotFit';
}

/** @throws MutantDoesNotFit when the source has changed, and the mutant has to. */
export function mutated(source: string, { name, file, from, to }: Mutant): string {
	const found = source.split(from).length - 1;
	if (found !== 1) throw new MutantDoesNotFit(`${name}: ${file} has its text ${found} times, not once.`);
	return source.replace(from, () => to);
}
