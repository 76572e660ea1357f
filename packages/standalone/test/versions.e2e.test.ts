import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { cleanUp } from './support/cleanup.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Device, startDevice } from './support/device.ts';
import { NextVersion } from './support/next-version.ts';
import { startProduct } from './support/product.ts';
import { until } from './support/until.ts';

const MINUTES = 60_000;

// S16: S1 to S4 hold between a client and a server that are one version apart, seen from either side.
describe('one protocol version apart', () => {
	let next: NextVersion;
	let a: Device;
	let b: Device;

	beforeAll(async () => {
		const product = await startProduct();
		const person = await product.signUp('ada');
		next = await NextVersion.before(product);
		a = await startDevice('laptop', next.product, person);
		b = await startDevice('desk', product, person);
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	const settle = async () => {
		for (const device of [a, b, a]) await device.upToDate();
		expect(await compareTrees(a.folder, b.folder)).toEqual([]);
	};

	test(
		'everything travels, in both directions',
		async () => {
			await mkdir(a.path('folder', 'below'), { recursive: true });
			await writeFile(a.path('folder', 'below', 'a.txt'), 'from the other version');
			await writeFile(b.path('b.txt'), 'from this version');
			await settle();
			await writeFile(b.path('folder', 'below', 'a.txt'), 'edited');
			await rename(a.path('b.txt'), a.path('folder', 'c.txt'));
			await settle();
			await rm(b.path('folder', 'c.txt'));
			await settle();
			expect(await readdir(a.path('folder'))).toEqual(['below']);
			expect(await readFile(a.path('folder', 'below', 'a.txt'), 'utf8')).toBe('edited');
			expect((await a.status()).problems).toEqual([]);
		},
		2 * MINUTES,
	);

	test(
		'too far apart is a problem that says who has to update; nothing is touched, and nobody hammers',
		async () => {
			next.tooFar = true;
			await writeFile(a.path('meanwhile.txt'), 'written while nobody understands anybody');
			await until('the daemon says so', async () => {
				const { problems } = await a.status();
				return problems.some(({ reason, nextStep }) => /Update MyDropbox/.test(reason) && /Update/.test(nextStep));
			});
			expect(await readdir(a.path('folder'))).toEqual(['below']);
			expect(await readFile(a.path('meanwhile.txt'), 'utf8')).toBe('written while nobody understands anybody');
			expect(next.refused).toBeLessThan(10);
			next.tooFar = false;
			await settle();
			expect(await readFile(b.path('meanwhile.txt'), 'utf8')).toBe('written while nobody understands anybody');
		},
		3 * MINUTES,
	);
});
