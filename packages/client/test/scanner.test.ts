import * as fs from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Name } from '@mydropbox/protocol';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { RULE_FILE } from '../src/ignore/patterns.ts';
import { ANY_NAME } from '../src/names/traits.ts';
import { GRACE_MS } from '../src/scan/missing.ts';
import { PORTIONS } from '../src/transfer/portions.ts';
import { type Call, failing, hookedFs } from './support/hooked-fs.ts';
import { restrictedFs } from './support/restricted-fs.ts';
import {
	at,
	begin,
	breaths,
	changedIn,
	clock,
	idOf,
	look,
	lookTwice,
	newId,
	paths,
	problemsOf,
	scanner,
	store,
	tree,
	useDatabase,
	useDisk,
} from './support/scanning.ts';

test('very many new files are taken up step by step, and others have their turn in between', async () => {
	begin({ 'box/one': '1', 'box/two': '2', 'box/three': '3', 'box/four': '4', five: '5' });
	const { newcomers } = await scanner.scan([store.root], true);
	expect(store.local.count()).toBe(6);
	// The folder and the first file came with the rest of what the look has found.
	expect([...newcomers].map(([id, size]) => [store.diskPath(id), size]).toSorted()).toEqual([
		['box/four', 1],
		['box/one', 1],
		['box/three', 1],
		['box/two', 1],
	]);
	expect(breaths).toBe(2);
});

test('P7: of very many files in a new folder, the one that was moved there is still the same', async () => {
	begin({ old: 'moved', 'box/a': '1' });
	await look();
	const [old, box] = [idOf('old'), idOf('box')];
	fs.mkdirSync(at.path('new/inner'), { recursive: true });
	for (const name of ['1', '2', '3', '4']) fs.writeFileSync(at.path(`new/inner/${name}`), name);
	fs.renameSync(at.path('old'), at.path('new/inner/old'));
	fs.renameSync(at.path('box'), at.path('new/box'));
	await look();
	expect([idOf('new/inner/old'), idOf('new/box')]).toEqual([old, box]);
	expect(paths()).toEqual(
		[
			'new',
			'new/box',
			'new/box/a',
			'new/inner',
			...['1', '2', '3', '4', 'old'].map((name) => `new/inner/${name}`),
		].sort(),
	);
});

describe('scanner', () => {
	test('finds everything, and nothing new the second time', async () => {
		begin({ 'a/b/c.txt': 'c', 'empty/': '', link: '→ a/b' });
		await look();
		expect(paths()).toEqual(['a', 'a/b', 'a/b/c.txt', 'empty', 'link']);
		const before = tree();
		await look();
		expect(tree()).toEqual(before);
	});

	test('asks for nothing one by one of what is at rest', async () => {
		begin({ 'a/x': 'x', 'a/y': 'y' });
		await look();
		store.dirty.clear();
		const asked = jest.spyOn(store.remote, 'get');
		await look();
		expect(asked).not.toHaveBeenCalled();
	});

	test('folders in which everything that was named is as known need not be looked at', async () => {
		const drawing = { one: '1', 'a/x': 'x', 'a/y': 'y', 'b/gone': '', 'c/sub/': '', 'd/link': '→ a', 'e/moved': '' };
		begin({ ...drawing, [`f/${RULE_FILE}`]: '' });
		clock.now = Date.now();
		await look();
		const known = ['one', 'a/x', 'a/y', 'c/sub', 'd/link'];
		expect(await changedIn(...known)).toEqual([]);
		expect(await changedIn('a/x', 'b/new')).toEqual(['b']);
		// Its rules may have been unfinished when they were looked at.
		expect(await changedIn('a/x', `f/${RULE_FILE}`)).toEqual(['f']);
		fs.writeFileSync(at.path('a/y'), 'changed');
		fs.rmSync(at.path('b/gone'));
		fs.rmdirSync(at.path('c/sub'));
		fs.mkdirSync(at.path('c/sub'));
		fs.rmSync(at.path('d/link'));
		fs.symlinkSync('b', at.path('d/link'));
		fs.renameSync(at.path('e/moved'), at.path('e/away'));
		const changed = await changedIn(...known, 'b/gone', 'e/moved', 'e/away');
		expect(changed.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
	});

	test('takes a folder with more in it than a function takes arguments', async () => {
		const many = 150_000;
		const list: Fs['list'] = (path) => {
			const { entries, ...more } = nodeFs.list(path);
			if (entries.every(({ name }) => name !== 'one')) return { entries, ...more };
			const [one] = entries;
			const numbers = Array.from({ length: many }, (_, number) => number);
			const all = numbers.map((number) => ({ ...one!, name: `file ${number}`, identity: `${one!.identity}${number}` }));
			return { entries: all, ...more };
		};
		begin({ 'full/one': '1' });
		useDatabase();
		useDisk({ ...nodeFs, list }, PORTIONS.newcomers);
		await look();
		expect(store.local.count()).toBe(1 + many);
	});

	test('knows what was renamed, moved or exchanged by its id', async () => {
		begin({ one: '1', two: '2', 'a/x': 'x', 'b/': '' });
		await look();
		const was = tree();
		fs.renameSync(at.path('one'), at.path('three'));
		fs.renameSync(at.path('two'), at.path('one'));
		fs.renameSync(at.path('three'), at.path('two'));
		fs.renameSync(at.path('a'), at.path('b/a'));
		await look();
		expect(tree()).toEqual(
			new Map([
				['one', was.get('two')],
				['two', was.get('one')],
				['b', was.get('b')],
				['b/a', was.get('a')],
				['b/a/x', was.get('a/x')],
			]),
		);
		expect(scanner.waits).toBeUndefined();
	});

	test('P6: what was found in a folder that was gone a moment later goes with it', async () => {
		begin({ 'a/sub/x': 'x' });
		await look();
		fs.writeFileSync(at.path('a/sub/x'), 'changed');
		at.draw({ 'a/sub/new': 'new', 'a/sub/deep/new': 'new' });
		const leave = ({ name, args: [path] }: Call) => {
			if (name !== 'list' || path !== at.folder) return;
			fs.renameSync(at.path('a'), join(at.dir, 'away'));
			fs.writeFileSync(at.path('a'), 'a file now');
		};
		const start = [idOf('a/sub')!, store.root];
		useDisk(hookedFs(nodeFs, { before: leave }));
		await scanner.scan(start, false);
		expect(paths()).toEqual(['a']);
		expect(store.local.ids().length).toBe(1);
	});

	test('S4: what turned up in a folder that was gone a moment later, and whose old folder is gone, too, is not gone', async () => {
		begin({ 'old/file': 'file', 'new/x': 'x' });
		await look();
		const id = idOf('old/file');
		const start = [idOf('new')!, store.root];
		fs.renameSync(at.path('old/file'), at.path('new/file'));
		const leave = ({ name, args: [path] }: Call) => {
			if (name !== 'list' || path !== at.folder) return;
			for (const folder of ['old', 'new']) {
				fs.renameSync(at.path(folder), join(at.dir, `${folder} away`));
				fs.writeFileSync(at.path(folder), 'a file now');
			}
		};
		useDisk(hookedFs(nodeFs, { before: leave }));
		await scanner.scan(start, false);
		expect(store.local.get(id!)).toBeDefined();
		fs.renameSync(join(at.dir, 'new away'), at.path('new again'));
		useDisk(nodeFs);
		await look();
		await look();
		expect(idOf('new again/file')).toBe(id);
	});

	test.each(['~plan', 'plan~'])(
		'a save that leaves the old version behind as %s keeps the id and sees both',
		async (old) => {
			begin({ plan: 'first' });
			await look();
			const id = idOf('plan');
			fs.renameSync(at.path('plan'), at.path(old));
			fs.writeFileSync(at.path('plan'), 'second');
			await look();
			expect(paths()).toEqual([old, 'plan'].sort());
			expect(idOf('plan')).toBe(id);
		},
	);

	test.each(['0', 'zzz', 'other/deep'])('a folder that was moved to %s and made anew loses nothing', async (to) => {
		begin({ 'd/inside': 'x', 'other/': '' });
		await look();
		const was = tree();
		fs.renameSync(at.path('d'), at.path(to));
		fs.mkdirSync(at.path('d'));
		fs.writeFileSync(at.path('d/new'), 'new');
		await look();
		expect(paths()).toEqual(['d', 'd/new', to, `${to}/inside`, 'other'].sort());
		expect(idOf(`${to}/inside`)).toBe(was.get('d/inside'));
	});

	test('a deleted file is deleted after two looks, and not before', async () => {
		begin({ gone: 'x', stays: 'y' });
		await look();
		fs.rmSync(at.path('gone'));
		await look();
		await look();
		expect(paths()).toEqual(['gone', 'stays']);
		expect(scanner.waits).toBe(GRACE_MS);
		clock.now += GRACE_MS;
		expect(scanner.waits).toBe(0);
		await scanner.scan(scanner.takeDue(), false);
		expect(paths()).toEqual(['stays']);
		expect(scanner.waits).toBeUndefined();
	});

	test('a clock that is set back keeps nothing for ever', async () => {
		begin({ gone: 'x' });
		await look();
		fs.rmSync(at.path('gone'));
		await look();
		clock.now -= 3_600_000;
		expect(scanner.waits).toBeLessThanOrEqual(GRACE_MS);
		await scanner.scan(scanner.takeDue(), false);
		expect(paths()).toEqual([]);
	});

	test('S4: a move of which only the old folder was looked at is no delete', async () => {
		begin({ 'from/file': 'x', 'from/sub/leaf': 'y', 'to/': '' });
		await look();
		const was = tree();
		fs.renameSync(at.path('from/file'), at.path('to/file'));
		fs.renameSync(at.path('from/sub'), at.path('to/sub'));
		await look('from');
		expect(tree()).toEqual(was);
		await look('to');
		expect(idOf('to/file')).toBe(was.get('from/file'));
		expect(idOf('to/sub/leaf')).toBe(was.get('from/sub/leaf'));
		expect(scanner.waits).toBeUndefined();
	});

	test('S4: what is missing after a power cut was not deleted by a person; what goes missing later was', async () => {
		begin({ 'a/lost': '1', 'a/kept': '2', later: '3' });
		await look();
		for (const id of store.local.ids()) store.synced.set(store.local.get(id)!);
		const was = tree();
		store.doubt = true;
		useDisk(nodeFs);
		fs.rmSync(at.path('a/lost'));
		await lookTwice();
		expect(idOf('a/lost')).toBeUndefined();
		expect(store.synced.get(was.get('a/lost')!)).toBeUndefined();
		expect(store.synced.get(was.get('a/kept')!)).toBeDefined();
		store.doubt = false;
		fs.rmSync(at.path('later'));
		await lookTwice();
		expect(idOf('later')).toBeUndefined();
		expect(store.synced.get(was.get('later')!)).toBeDefined();
	});

	test('S4: a folder that is moved away while it is read is not empty', async () => {
		begin({ 'a/one': '1', 'a/two': '2' });
		await look();
		const was = tree();
		// What reading the names of a folder that is gone gives: none.
		useDisk({
			...nodeFs,
			list: (path) => {
				if (!path.endsWith('/a')) return nodeFs.list(path);
				fs.renameSync(at.path('a'), at.path('b'));
				return { entries: [], unreachable: [] };
			},
		});
		const { again } = await look();
		expect(again).toEqual([store.root]);
		clock.now += GRACE_MS;
		await scanner.scan([...again, ...scanner.takeDue()], false);
		expect(idOf('b')).toBe(was.get('a'));
		expect(idOf('b/one')).toBe(was.get('a/one'));
	});

	test('S12: an unreadable folder says nothing about what is in it', async () => {
		begin({ 'a/one': '1', b: '2' });
		await look();
		useDisk(failing(nodeFs, 'list', 'EACCES', ([path]) => String(path).endsWith('/a')));
		fs.rmSync(at.path('b'));
		await lookTwice();
		expect(paths()).toEqual(['a', 'a/one']);
		expect(problemsOf(await look())).toEqual(['a: The folder cannot be read (permission denied).']);
	});

	/** Something new, below a folder that cannot be listed. @returns what makes that one readable. */
	async function newBelowUnlisted(): Promise<() => void> {
		let isBroken = false;
		begin(
			{ 'a/b/c/one': '1' },
			failing(nodeFs, 'list', 'EIO', ([path]) => isBroken && String(path).endsWith('/a')),
		);
		await look();
		isBroken = true;
		await look();
		at.draw({ 'a/b/c/two': '2' });
		return () => {
			isBroken = false;
		};
	}

	test('S13: what is below a folder that could not be listed is looked at as soon as it can be', async () => {
		const mend = await newBelowUnlisted();
		const below = idOf('a/b/c')!;
		expect(scanner.isUnseen(below)).toBe(true);
		mend();
		await look('a');
		expect(scanner.isUnseen(below)).toBe(false);
		expect(paths()).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/one', 'a/b/c/two']);
	});

	test('S13: what can be listed below a folder that cannot be is known, with all that is below', async () => {
		await newBelowUnlisted();
		const [outer, below] = [idOf('a')!, idOf('a/b/c')!];
		await look('a/b');
		expect([outer, below].map((id) => scanner.isUnseen(id))).toEqual([true, false]);
		expect(paths()).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/one', 'a/b/c/two']);
		await look();
		expect([outer, below].map((id) => scanner.isUnseen(id))).toEqual([true, false]);
	});

	test('S12: another folder in the place of the root is not looked at', async () => {
		begin({ one: '1' });
		store.setMeta('root', nodeFs.stat(at.folder)!.identity);
		await look();
		fs.renameSync(at.folder, `${at.folder}-away`);
		fs.mkdirSync(at.folder);
		await lookTwice();
		expect(paths()).toEqual(['one']);
	});

	test('a folder in the place of a file, and the other way round', async () => {
		begin({ a: 'file', 'b/inside': 'x' });
		await look();
		const was = tree();
		fs.rmSync(at.path('a'));
		fs.rmSync(at.path('b'), { recursive: true });
		at.draw({ 'a/inside': 'y', b: 'file' });
		await look();
		expect(paths()).toEqual(['a', 'a/inside', 'b']);
		expect(idOf('a')).not.toBe(was.get('a'));
	});

	test('a second hard link is a file of its own', async () => {
		begin({ a: 'same' });
		await look();
		const id = idOf('a');
		fs.linkSync(at.path('a'), at.path('b'));
		await look();
		expect(paths()).toEqual(['a', 'b']);
		expect(idOf('a')).toBe(id);
	});

	test('S4: what no listing shows, and is there, was not deleted', async () => {
		begin({ a: 'hidden', b: 'gone', 'dir/a': 'hidden' });
		await look();
		const before = tree();
		const withoutA = (path: string) => {
			const list = nodeFs.list(path);
			return { ...list, entries: list.entries.filter(({ name }) => name !== 'a') };
		};
		useDisk({ ...nodeFs, list: withoutA });
		fs.rmSync(at.path('b'));
		await lookTwice();
		before.delete('b');
		expect(tree()).toEqual(before);
		expect(scanner.waits).toBeUndefined();
	});

	test('S4: of two spellings of one name, the one that is synced stays so when a listing misses it', async () => {
		begin({ '\u00e9': 'synced' });
		await look();
		const before = tree();
		at.draw({ 'e\u0301': 'another' });
		let isMissed = true;
		const list = (path: string) => {
			const listing = nodeFs.list(path);
			return { ...listing, entries: listing.entries.filter(({ name }) => !isMissed || name !== '\u00e9') };
		};
		useDisk({ ...nodeFs, list });
		await look();
		isMissed = false;
		const { problems } = await look();
		expect(tree()).toEqual(before);
		expect(problems.get(store.root)?.map(({ path }) => path)).toEqual(['e\u0301']);
		fs.rmSync(at.path('\u00e9'));
		await look();
		expect(paths()).toEqual(['e\u0301']);
	});

	test('S13: a look at everything goes into a folder whose name is another’s now', async () => {
		begin({ 'a.txt': 'file', 'A‛².TXT/inside': 'old' });
		useDisk(restrictedFs(at.folder, { ...ANY_NAME, caseInsensitive: true }));
		await look();
		const inside = idOf('A‛².TXT/inside')!;
		fs.renameSync(at.path('A‛².TXT'), at.path('a‛².txt'));
		fs.writeFileSync(at.path('a‛².txt/inside'), 'changed');
		expect(problemsOf(await look())).toEqual([expect.stringContaining('Another name here means the same')]);
		expect(store.local.get(inside)?.version).toMatchObject({ size: 7 });
	});

	test('S18: what has a name that is ignored now is gone, also where the disk finds it under the old one', async () => {
		begin({ plan: 'text', [RULE_FILE]: 'PLAN' });
		useDisk(restrictedFs(at.folder, { ...ANY_NAME, caseInsensitive: true }));
		clock.now = Date.now() + 3600_000;
		await look();
		fs.renameSync(at.path('plan'), at.path('PLAN'));
		await lookTwice();
		// It is renamed first, and left to the rules then.
		expect([paths(), scanner.waits]).toEqual([[RULE_FILE, 'PLAN'], undefined]);
		await look();
		expect([paths(), scanner.waits]).toEqual([[RULE_FILE], undefined]);
	});

	test('two nodes of one name, one of which was missing, become one', async () => {
		begin({ a: 'first', 'away/': '' });
		await look();
		const first = store.local.get(idOf('a')!)!;
		fs.renameSync(at.path('a'), at.path('away/a'));
		fs.writeFileSync(at.path('a'), 'came from the server');
		const entry = nodeFs.stat(at.path('a'))!;
		const second = { ...first, id: newId(), disk: { ...first.disk, identity: entry.identity, stamp: entry.stamp } };
		store.local.set(second);
		await look();
		expect(idOf('a')).toBe(second.id);
		expect(idOf('away/a')).toBe(first.id);
	});

	test('S4: a missing node that has left its file to another one does not take the name that this has now', async () => {
		begin({ a: 'saved', b: 'written over' });
		await look();
		const [a, b] = [idOf('a')!, idOf('b')!];
		fs.renameSync(at.path('a'), at.path('b'));
		await look();
		expect(idOf('b')).toBe(b);
		// The server wants b to be where a was.
		fs.renameSync(at.path('b'), at.path('a'));
		const { disk, ...node } = store.local.get(b)!;
		store.local.set({ ...node, name: 'a' as Name, disk: { ...disk, name: 'a' } });
		await look();
		expect(idOf('a')).toBe(b);
		expect(store.local.get(a)).toBeUndefined();
	});
});
