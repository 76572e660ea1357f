import * as fs from 'node:fs';
import type { Fs } from '../../src/fs/port.ts';
import { ANY_NAME } from '../../src/names/traits.ts';
import { GRACE_MS } from '../../src/scan/missing.ts';
import { restrictedFs } from '../support/restricted-fs.ts';
import {
	at,
	begin,
	clock,
	idOf,
	look,
	lookTwice,
	paths,
	problemsOf,
	store,
	tree,
	useDisk,
} from '../support/scanning.ts';

const nfc = 'caf\u00e9';
const nfd = 'cafe\u0301';

test('NFD is known by its NFC', async () => {
	begin({ [nfd]: 'x' });
	await look();
	expect(store.local.child(store.root, nfc as never)?.disk.name).toBe(nfd);
});

test.each([
	[nfc, nfd],
	[nfd, nfc],
])('of %j and then %j the first stays what it was', async (first, second) => {
	begin({ [first]: 'first' });
	await look();
	const id = idOf(first);
	at.draw({ [second]: 'second' });
	for (let i = 0; i < 2; i++) {
		expect(problemsOf(await look())).toEqual([
			`${second}: Another name here means the same, in another Unicode form or as an alias of MyDropbox.`,
		]);
		clock.now += GRACE_MS;
	}
	expect(tree()).toEqual(new Map([[first, id]]));
});

/** Case-insensitive, as NTFS is. */
function useSortedDisk(reverse: boolean): void {
	const disk = restrictedFs(at.dir, { ...ANY_NAME, caseInsensitive: true });
	const sorted = ({ entries }: ReturnType<Fs['list']>) =>
		entries.sort((a, b) => (a.name < b.name !== reverse ? -1 : 1));
	useDisk({ ...disk, list: (path) => ({ entries: sorted(disk.list(path)), unreachable: [] }) });
}

test.each([false, true])('a new spelling takes nobody’s name, in whichever order they are listed', async (reverse) => {
	begin({ [nfc]: 'first', 'Cafe\u0301': 'second' });
	useSortedDisk(reverse);
	await look();
	const before = tree();
	fs.renameSync(at.path('Cafe\u0301'), at.path(nfd));
	expect(problemsOf(await look())).toEqual([
		`${nfd}: Another name here means the same, in another Unicode form or as an alias of MyDropbox.`,
	]);
	expect(tree()).toEqual(before);
});

test.each([false, true])(
	'S4: of two new spellings that are one name for us, and not for the disk, the one of the same file is meant (%j)',
	async (reverse) => {
		begin({ [nfc]: 'first' });
		useSortedDisk(reverse);
		await look();
		const id = idOf(nfc);
		fs.renameSync(at.path(nfc), at.path('CAF\u00c9'));
		at.draw({ 'Cafe\u0301': 'new' });
		await look();
		expect(paths()).toEqual(['CAF\u00c9', 'Cafe\u0301']);
		expect(idOf('CAF\u00c9')).toBe(id);
	},
);

test('invalid UTF-8 is reported and left alone', async () => {
	begin({ good: 'x' });
	fs.writeFileSync(Buffer.concat([Buffer.from(at.path('bad')), Buffer.from([0xff])]), 'x');
	expect(problemsOf(await look())).toEqual(['bad\ufffd: The name is not valid UTF-8.']);
	expect(paths()).toEqual(['good']);
});

test('255 bytes and a newline are names like any other', async () => {
	const names = ['x'.repeat(255), 'two\nlines', ' . ', '…'.repeat(85)];
	begin(Object.fromEntries(names.map((name) => [name, name])));
	expect(problemsOf(await look())).toEqual([]);
	expect(paths()).toEqual(names.sort());
});

test('of everything only the private folder is left out, and only at the top', async () => {
	begin({ 'sub/.mydropbox/x': 'x' });
	await look();
	expect(paths()).toEqual(['sub', 'sub/.mydropbox', 'sub/.mydropbox/x']);
});

test('a link target that is not UTF-8 is reported; what was there before is not deleted', async () => {
	begin({ link: '→ fine' });
	await look();
	fs.rmSync(at.path('link'));
	fs.symlinkSync(Buffer.from([0x61, 0xff]), at.path('link'));
	await lookTwice();
	expect(problemsOf(await look())).toEqual(['link: What the link points to is not valid UTF-8.']);
	expect(paths()).toEqual(['link']);
});
