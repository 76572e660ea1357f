import { appendFile, mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { describeEachEngine, startMariaDb } from '@mydropbox/testkit';
import { afterwards, cleanUp } from './support/cleanup.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Device, startDevice } from './support/device.ts';
import { bytesOf, makeTree } from './support/make-tree.ts';
import { namesBelow } from './support/names-below.ts';
import { startProduct } from './support/product.ts';
import { until } from './support/until.ts';

const MINUTES = 60_000;

async function bothUpToDate(a: Device, b: Device): Promise<void> {
	await a.upToDate();
	await b.upToDate();
	await a.upToDate();
	expect(await compareTrees(a.folder, b.folder)).toEqual([]);
}

describeEachEngine('two devices of one person', (engine) => {
	let a: Device;
	let b: Device;

	beforeAll(async () => {
		const product = await startProduct(engine.name === 'mysql' ? { database: engine.freshUrl(), dataServers: 2 } : {});
		const person = await product.signUp('ada');
		a = await startDevice('laptop', product, person);
		b = await startDevice('desk', product, person);
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	it(
		'end with the same folders, files, links, exec bits and times',
		async () => {
			await makeTree(a.path('tree'), 40, 25);
			await bothUpToDate(a, b);
			expect((await readdir(b.path('tree'))).length).toBe(7);
			expect((await a.status()).state).toBe('up-to-date');
		},
		3 * MINUTES,
	);

	it(
		'hand only the changed blocks of a large file to each other',
		async () => {
			await writeFile(a.path('large.bin'), bytesOf('large', 60_000_000));
			await bothUpToDate(a, b);
			const sent = (await a.status()).bytesSent;
			const received = (await b.status()).bytesReceived;

			const file = await open(a.path('large.bin'), 'r+');
			await file.write('an edit in the middle', 30_000_000);
			await file.close();
			await bothUpToDate(a, b);

			// The block with the edit, and one more if a cut has moved.
			expect((await a.status()).bytesSent - sent).toBeLessThan(1_500_000);
			expect((await b.status()).bytesReceived - received).toBeLessThan(1_500_000);
		},
		3 * MINUTES,
	);

	it(
		'rename a folder with all that is in it without moving a byte',
		async () => {
			const before = [(await a.status()).bytesSent, (await b.status()).bytesReceived];
			await rename(a.path('tree'), a.path('wood'));
			await bothUpToDate(a, b);
			expect(await readdir(b.folder)).toEqual(expect.arrayContaining(['wood']));
			expect(await readdir(b.folder)).not.toContain('tree');
			expect([(await a.status()).bytesSent, (await b.status()).bytesReceived]).toEqual(before);
		},
		2 * MINUTES,
	);

	it(
		'exchange names, wrap and unwrap folders, put a file where a folder was',
		async () => {
			await mkdir(a.path('box', 'box'), { recursive: true });
			await writeFile(a.path('box', 'box', 'inside'), 'inside');
			await mkdir(a.path('flat'));
			await writeFile(a.path('flat', 'leaf'), 'leaf');
			await mkdir(a.path('was a folder'));
			await writeFile(a.path('was a folder', 'gone'), 'gone');
			await writeFile(a.path('one'), '1');
			await writeFile(a.path('two'), '2');
			await bothUpToDate(a, b);

			await a.stop();
			await rename(a.path('one'), a.path('three'));
			await rename(a.path('two'), a.path('one'));
			await rename(a.path('three'), a.path('two'));
			await rename(a.path('box', 'box'), a.path('other'));
			await rmdir(a.path('box'));
			await rename(a.path('other'), a.path('box'));
			await mkdir(a.path('new'));
			await rename(a.path('flat'), a.path('new', 'flat'));
			await rename(a.path('new'), a.path('flat'));
			await rm(a.path('was a folder'), { recursive: true });
			await writeFile(a.path('was a folder'), 'a file now');
			await a.start();
			await bothUpToDate(a, b);

			expect(await readFile(b.path('one'), 'utf8')).toBe('2');
			expect(await readFile(b.path('two'), 'utf8')).toBe('1');
			expect(await readFile(b.path('box', 'inside'), 'utf8')).toBe('inside');
			expect(await readFile(b.path('flat', 'flat', 'leaf'), 'utf8')).toBe('leaf');
			expect(await readFile(b.path('was a folder'), 'utf8')).toBe('a file now');
			expect((await readdir(b.folder)).filter((name) => /conflicted|moving/.test(name))).toEqual([]);
		},
		2 * MINUTES,
	);

	it(
		'keep the last of a thousand quick saves, and no conflict',
		async () => {
			for (let i = 1; i <= 1000; i++) await writeFile(a.path('quick.txt'), `save ${i}`);
			await bothUpToDate(a, b);
			expect(await readFile(b.path('quick.txt'), 'utf8')).toBe('save 1000');
			expect((await readdir(b.folder)).filter((name) => name.startsWith('quick'))).toEqual(['quick.txt']);
		},
		2 * MINUTES,
	);

	it(
		'keep both versions of a file that was changed on both',
		async () => {
			await writeFile(a.path('plan.txt'), 'first');
			await bothUpToDate(a, b);
			await b.stop();
			await appendFile(a.path('plan.txt'), ', then mine');
			await a.upToDate();
			await appendFile(b.path('plan.txt'), ', then yours');
			await b.start();
			await bothUpToDate(a, b);

			const names = (await readdir(a.folder)).filter((name) => name.startsWith('plan'));
			expect(names.sort()).toEqual([
				expect.stringMatching(/^plan \(conflicted copy, desk, [\d-]+\)\.txt$/),
				'plan.txt',
			]);
			const texts = await Promise.all(names.map((name) => readFile(b.path(name), 'utf8')));
			expect(texts.sort()).toEqual(['first, then mine', 'first, then yours']);
		},
		2 * MINUTES,
	);

	it(
		'delete what was deleted, and nothing else',
		async () => {
			const parts = (await readdir(a.path('wood'))).sort();
			for (const part of parts.slice(0, 3)) await rm(a.path('wood', part), { recursive: true });
			await bothUpToDate(a, b);
			expect((await readdir(b.path('wood'))).sort()).toEqual(parts.slice(3));
		},
		2 * MINUTES,
	);

	it(
		'find everything again when a device has lost its memory',
		async () => {
			await a.stop();
			await rm(`${a.home}/state`, { recursive: true, force: true });
			for (const name of await readdir(a.home)) if (name.startsWith('state')) await rm(`${a.home}/${name}`);
			const before = await namesBelow(a.folder);
			await a.start();
			await bothUpToDate(a, b);
			expect(await namesBelow(a.folder)).toEqual(before);
		},
		2 * MINUTES,
	);
});

describe('when processes are killed in the middle of a large sync', () => {
	afterEach(cleanUp, MINUTES);

	it(
		'everything arrives all the same: daemons, data server, database',
		async () => {
			const mariadb = await startMariaDb();
			afterwards(() => mariadb.stop());
			const product = await startProduct({ database: mariadb.url('pulled') });
			const person = await product.signUp('ada');
			const a = await startDevice('laptop', product, person);
			const b = await startDevice('desk', product, person);
			const grown = (bytes: number) => async () => (await a.status()).bytesSent > bytes;

			const made = makeTree(a.path('tree'), 60, 30);
			const large = writeFile(a.path('large.bin'), bytesOf('large', 80_000_000));
			await until('the upload has begun', grown(0), MINUTES);
			await a.kill();
			await a.start();
			await until('the upload goes on', grown(0), MINUTES);
			await product.killServer('data1');
			await until('the other device has begun', async () => (await b.status()).bytesReceived > 0, MINUTES);
			await b.kill();
			await b.start();
			await mariadb.kill();
			await mariadb.restart();
			await Promise.all([made, large]);
			await bothUpToDate(a, b);
			const names = await namesBelow(b.folder);
			expect(names.filter((name) => /conflicted|moving|recovered/.test(name))).toEqual([]);
		},
		5 * MINUTES,
	);
});
