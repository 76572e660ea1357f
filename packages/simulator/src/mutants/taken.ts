import { MUTANTS } from './list.ts';
import { mutated } from './mutant.ts';

const mutant = MUTANTS.find(({ name }) => name === process.env.MUTANT);

/** A source file without the guard of MUTANT, if that is where it is. */
export function taken(source: string, path: string): string {
	const edits = [mutant, ...(mutant?.also ?? [])].filter((edit) => edit && path.endsWith(`/packages/${edit.file}`));
	return edits.reduce((text, edit) => mutated(text, edit!, mutant!.name), source);
}
