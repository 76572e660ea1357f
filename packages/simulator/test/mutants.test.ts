import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { MUTANTS } from '../src/mutants/list.ts';
import { mutated } from '../src/mutants/mutant.ts';

describe('mutants', () => {
	test('S20: every guard that a mutant takes away is still in the source', () => {
		for (const mutant of MUTANTS) {
			const source = readFileSync(resolve(import.meta.dirname, '../..', mutant.file), 'utf8');
			const changed = mutated(source, mutant);
			expect(changed).not.toBe(source);
			// Throws on what is no program any more.
			stripTypeScriptTypes(changed);
		}
	});

	test('have names of their own', () => {
		expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
	});
});
