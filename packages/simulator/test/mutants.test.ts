import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { MUTANTS } from '../src/mutants/list.ts';
import { mutated } from '../src/mutants/mutant.ts';

const sourceOf = (file: string) => readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8');

describe('mutants', () => {
	test('S20: every guard that a mutant takes away is still in the source', () => {
		for (const mutant of MUTANTS) {
			for (const edit of [mutant, ...(mutant.also ?? [])]) {
				const source = sourceOf(edit.file);
				const changed = mutated(source, edit, mutant.name);
				expect(changed).not.toBe(source);
				// Throws on what is no program any more.
				stripTypeScriptTypes(changed);
			}
		}
	});

	test('S20: every test that watches a guard is there', () => {
		for (const { test } of MUTANTS) if (test) expect(sourceOf(test.suite)).toContain(test.name);
	});

	test('have names of their own', () => {
		expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
	});
});
