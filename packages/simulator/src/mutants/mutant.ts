/** A change of the source text. */
export interface Edit {
	/** Relative to `packages`. */
	readonly file: string;
	/** Occurs exactly once in the file. */
	readonly from: string;
	readonly to: string;
}

/** One guard taken away. Some world must notice, or the test that is named: otherwise nothing watches the guard. */
export interface Mutant extends Edit {
	readonly name: string;
	/** What is taken away, in words. */
	readonly guard: string;
	/** What goes with it, because it would make up for it. */
	readonly also?: readonly Edit[];
	/** Where worlds do not come to it, or seldom: a test that does. */
	readonly test?: WatchingTest;
}

export interface WatchingTest {
	/** Relative to `packages`. */
	readonly suite: string;
	/** In the full name of the tests that fail without the guard; they must pass with it. */
	readonly name: string;
}

export class MutantDoesNotFit extends Error {
	override readonly name = 'MutantDoesNotFit';
}

/** @throws MutantDoesNotFit when the source has changed, and the mutant has to. */
export function mutated(source: string, { file, from, to }: Edit, name: string): string {
	const found = source.split(from).length - 1;
	if (found !== 1) throw new MutantDoesNotFit(`${name}: ${file} has its text ${found} times, not once.`);
	return source.replace(from, () => to);
}
