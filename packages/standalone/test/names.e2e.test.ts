import { mkdir, readdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp } from './support/cleanup.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Device, startDevice } from './support/device.ts';
import { startProduct } from './support/product.ts';

// S15 on real disks.

const MINUTES = 60_000;

const LONGEST = `${'長'.repeat(83)}.txt.x`;
const NAMES = [
	...['README', 'readme', 'ReadMe', 'a:b?"<>|*\\', 'CON', 'nul.txt', 'dot.', 'dots...', ' ', ' space ', '...'],
	...[
		'two\nlines',
		'tab\there',
		'\u001b[31mred',
		'-rf',
		'~',
		'$HOME',
		'%00',
		'👩‍💻🦆',
		'שלום',
		'\u202egpj.exe',
		'Ärger',
		'ärger',
	],
	...['‛single', 'looks‛‛：like', '：', '\u200b', '\ufeff', 'x'.repeat(255), LONGEST, '𝒳'.repeat(63)],
];

describe('names', () => {
	let a: Device;
	let b: Device;
	beforeAll(async () => {
		const product = await startProduct();
		const person = await product.signUp('ada');
		a = await startDevice('laptop', product, person);
		b = await startDevice('desk', product, person);
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	const bothUpToDate = async () => {
		for (const device of [a, b, a]) await device.upToDate();
		expect(await compareTrees(a.folder, b.folder)).toEqual([]);
	};

	it(
		'of all kinds arrive as they are, of files and of folders, and can be changed',
		async () => {
			for (const name of NAMES) {
				await writeFile(a.path(`${name}`), name);
				await mkdir(a.path('folders', name), { recursive: true });
				await writeFile(a.path('folders', name, 'inside'), name);
			}
			await bothUpToDate();
			expect((await readdir(b.path('folders'))).sort()).toEqual([...NAMES].sort());
			for (const name of NAMES) await writeFile(b.path('folders', name, 'inside'), `${name}, changed`);
			await rename(b.path('README'), b.path('README.old'));
			await rename(b.path('readme'), b.path('README'));
			await bothUpToDate();
			expect(await readFile(a.path('README'), 'utf8')).toBe('readme');
			expect(await readFile(a.path('folders', LONGEST, 'inside'), 'utf8')).toBe(`${LONGEST}, changed`);
		},
		2 * MINUTES,
	);

	it(
		'of the greatest length leave room for the conflicted copy, cut between characters',
		async () => {
			await b.stop();
			await writeFile(a.path(LONGEST), 'mine');
			await a.upToDate();
			await writeFile(b.path(LONGEST), 'yours');
			await b.start();
			await bothUpToDate();
			const names = (await readdir(a.folder)).filter((name) => name.startsWith('長'));
			expect(names.sort()).toEqual(
				[expect.stringMatching(/^長+ \(conflicted copy, desk, [\d-]+\)\.x$/), LONGEST].sort(),
			);
			for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
		},
		2 * MINUTES,
	);

	it(
		'two hundred deep arrive; deeper ones stay, are listed, and stop no other',
		async () => {
			const path = (depth: number) => Array.from({ length: depth }, (_, i) => `level ${i + 1}`);
			await mkdir(a.path(...path(200)), { recursive: true });
			await bothUpToDate();
			await mkdir(a.path(...path(201)));
			await writeFile(a.path('beside'), 'beside');
			const { problems } = await settled(a);
			expect(problems).toEqual([
				expect.objectContaining({ path: path(201).join('/'), reason: expect.stringContaining('200 names') }),
			]);
			await b.upToDate();
			expect(await readFile(b.path('beside'), 'utf8')).toBe('beside');
			await rmdir(a.path(...path(201)));
			await bothUpToDate();
		},
		2 * MINUTES,
	);

	it(
		'that no path reaches or that are no text stay on their device, are listed, and stop no other',
		async () => {
			// A path that is longer than any system call takes comes about by a move.
			const deep = (name: string) => a.path(name, ...Array.from({ length: 10 }, () => 'd'.repeat(250)));
			await mkdir(deep('far'), { recursive: true });
			await mkdir(deep('away'), { recursive: true });
			await rename(a.path('away'), join(deep('far'), 'away'));
			const broken = Buffer.concat([Buffer.from(a.path('broken-')), Buffer.from([0xff])]);
			await writeFile(broken, 'x');
			await writeFile(a.path('beside'), 'changed beside');
			try {
				const { problems } = await settled(a);
				expect(problems.map(({ reason }) => reason).sort()).toEqual([
					'Its path is longer than this system allows.',
					'The name is not valid UTF-8.',
				]);
				await b.upToDate();
				expect(await readFile(b.path('beside'), 'utf8')).toBe('changed beside');
			} finally {
				// No program could remove it otherwise.
				await rename(join(deep('far'), 'away'), a.path('away'));
			}
			for (const name of ['far', 'away']) await rm(a.path(name), { recursive: true });
			await unlink(broken);
			await bothUpToDate();
		},
		2 * MINUTES,
	);
});

/** The status once nothing is under way any more, with problems or without. */
async function settled(device: Device) {
	await device.try(['status', '--wait', '--timeout', '60']);
	return device.status();
}
