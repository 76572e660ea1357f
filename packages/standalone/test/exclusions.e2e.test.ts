import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cleanUp } from './support/cleanup.ts';
import { type Device, startDevice } from './support/device.ts';
import { namesBelow } from './support/names-below.ts';
import { startProduct } from './support/product.ts';

const MINUTES = 60_000;

describe('what is deliberately not in step', () => {
	let a: Device;
	let b: Device;

	beforeAll(async () => {
		const product = await startProduct({});
		const person = await product.signUp('ada');
		a = await startDevice('laptop', product, person);
		b = await startDevice('desk', product, person);
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	const bothUpToDate = async () => {
		await a.upToDate();
		await b.upToDate();
		await a.upToDate();
	};
	const names = async (device: Device) =>
		(await namesBelow(device.folder)).filter((name) => !name.startsWith('.mydropbox/'));

	it(
		'.mydropboxignore of one device holds on the other, and deletes nothing on either',
		async () => {
			await mkdir(a.path('app', 'build'), { recursive: true });
			await writeFile(a.path('app', 'build', 'out'), 'made on the laptop');
			await writeFile(a.path('app', 'source'), 'text');
			await bothUpToDate();
			await writeFile(a.path('.mydropboxignore'), 'build/\n');
			await bothUpToDate();
			await rm(a.path('app', 'build'), { recursive: true });
			await writeFile(b.path('app', 'build', 'out'), 'made on the desk');
			await writeFile(b.path('app', 'source'), 'another text');
			await bothUpToDate();
			expect(await readdir(a.path('app'))).toEqual(['source']);
			expect(await readFile(a.path('app', 'source'), 'utf8')).toBe('another text');
			expect(await readFile(b.path('app', 'build', 'out'), 'utf8')).toBe('made on the desk');
			expect(await b.status()).toMatchObject({ state: 'up-to-date', ignored: 1 });
		},
		2 * MINUTES,
	);

	it(
		'an excluded folder leaves one device only, stays away after a crash, and comes back',
		async () => {
			await mkdir(a.path('photos', '2019'), { recursive: true });
			await writeFile(a.path('photos', '2019', 'one.jpg'), 'one');
			await bothUpToDate();
			await b.run(['exclude', 'photos']);
			await bothUpToDate();
			expect(await names(b)).not.toContain('photos');
			expect(await readFile(a.path('photos', '2019', 'one.jpg'), 'utf8')).toBe('one');
			expect(await b.status()).toMatchObject({ state: 'up-to-date', excluded: 1 });

			await b.kill();
			await writeFile(a.path('photos', '2019', 'two.jpg'), 'two');
			await b.start();
			await bothUpToDate();
			expect(await names(b)).not.toContain('photos');

			await b.run(['include', b.path('photos')]);
			await bothUpToDate();
			expect(await readdir(b.path('photos', '2019'))).toEqual(['one.jpg', 'two.jpg']);
			expect(await b.run(['exclude'])).toBe('Nothing is excluded on this device.\n');
		},
		2 * MINUTES,
	);
});
