import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrived, differences, readTree } from '../src/tree.ts';

const ALL = { times: true, executables: true };
let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'mydropbox-bench-test-'));
	for (const name of ['A', 'B']) make(name);
});

afterEach(() => rmSync(directory, { recursive: true }));

const at = (...names: string[]): string => join(directory, ...names);

function make(name: string): void {
	mkdirSync(at(name, 'folder/empty'), { recursive: true });
	writeFileSync(at(name, 'folder/file'), 'content');
	writeFileSync(at(name, 'folder/program'), '#!', { mode: 0o755 });
	symlinkSync('file', at(name, 'folder/link'));
	for (const file of ['file', 'program']) utimesSync(at(name, 'folder', file), 1e9, 1e9);
}

const wrong = (carried = ALL): string[] => differences(at('A'), at('B'), ['.own'], carried);

it('finds equal folders equal, whatever the tool has put beside them for itself', () => {
	mkdirSync(at('B/.own/state'), { recursive: true });
	expect(wrong()).toEqual([]);
});

const CHANGES: Record<string, [change: () => void, difference: string]> = {
	'a missing folder': [() => rmSync(at('B/folder/empty'), { recursive: true }), 'folder/empty: is missing'],
	'another byte at the same size and time': [() => rewrite('contenT'), 'folder/file: other bytes'],
	'another size': [() => rewrite('contents'), 'folder/file: has 8 bytes, not 7'],
	'a lost exec bit': [() => chmodSync(at('B/folder/program'), 0o644), 'folder/program: has another exec bit'],
	'another time': [() => utimesSync(at('B/folder/file'), 1e9, 1e9 + 1), 'folder/file: has another time'],
	'a link to somewhere else': [() => relink('program'), 'folder/link: is not that link'],
	'a file too many': [() => writeFileSync(at('B/more'), ''), 'more: should not be there'],
};

it.each(Object.entries(CHANGES))('sees %s', (_, [change, difference]) => {
	change();
	expect(wrong()).toEqual([difference]);
});

it('does not ask a tool for what it does not carry', () => {
	chmodSync(at('B/folder/program'), 0o644);
	utimesSync(at('B/folder/file'), 1e9, 1e9 + 1);
	expect(wrong({ times: false, executables: false })).toEqual([]);
});

it('waits until everything has come and what went is gone', async () => {
	renameSync(at('B/folder'), at('B/old'));
	const waiting = arrived(at('B'), readTree(at('A')), ['old'], ALL, 10_000);
	renameSync(at('B/old'), at('B/folder'));
	await waiting;
	await expect(arrived(at('B'), readTree(at('A')), ['folder'], ALL, 1)).rejects.toThrow('folder did not arrive');
});

function rewrite(text: string): void {
	writeFileSync(at('B/folder/file'), text);
	utimesSync(at('B/folder/file'), 1e9, 1e9);
}

function relink(target: string): void {
	rmSync(at('B/folder/link'));
	symlinkSync(target, at('B/folder/link'));
}
