import { readdir, rm, writeFile } from 'node:fs/promises';
import { cleanUp } from './support/cleanup.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Device, startDevice } from './support/device.ts';
import { makeTree } from './support/make-tree.ts';
import { namesBelow } from './support/names-below.ts';
import { startProduct } from './support/product.ts';

const MINUTES = 60_000;

describe('S4: when most of a folder disappears from one device', () => {
	let a: Device;
	let b: Device;
	let names: string[];

	beforeAll(async () => {
		const product = await startProduct();
		const person = await product.signUp('ada');
		a = await startDevice('laptop', product, person);
		b = await startDevice('desk', product, person);
		await makeTree(a.path('album'), 10, 30);
		await bothUpToDate();
		names = await namesBelow(b.path('album'));
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	const bothUpToDate = async () => {
		await a.upToDate();
		await b.upToDate();
		expect(await compareTrees(a.folder, b.folder)).toEqual([]);
	};
	const asked = async () => {
		expect((await a.try(['status', '--wait'])).code).toBe(1);
		return a.status();
	};

	it(
		'its person is asked before anything is deleted elsewhere, also after the daemon was killed',
		async () => {
			await rm(a.path('album'), { recursive: true });
			await writeFile(a.path('note.txt'), 'all else goes on');
			expect(await asked()).toMatchObject({ state: 'problem', problems: [{ path: 'album' }] });
			await a.kill();
			await a.start();
			const { problems, state } = await asked();
			expect(state).toBe('problem');
			expect(problems[0]!.reason).toContain('310 files are gone from this device');
			await b.upToDate();
			expect(await readdir(b.folder)).toEqual(expect.arrayContaining(['album', 'note.txt']));
			expect(await namesBelow(b.path('album'))).toEqual(names);
		},
		2 * MINUTES,
	);

	it(
		'undo brings all of it back',
		async () => {
			expect(await a.run(['undo'])).toBe('310 files will be brought back to this device.\n');
			await bothUpToDate();
			expect(await namesBelow(a.path('album'))).toEqual(names);
			expect(await a.try(['undo'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no deletes are held') });
		},
		2 * MINUTES,
	);

	it(
		'confirm deletes it everywhere',
		async () => {
			await rm(a.path('album'), { recursive: true });
			await asked();
			expect(await a.run(['confirm'])).toBe('310 files will be deleted on all devices.\n');
			await bothUpToDate();
			expect(await readdir(b.folder)).not.toContain('album');
		},
		2 * MINUTES,
	);
});
