import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp } from './support/cleanup.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Device, type DeviceStatus, newDevice, startDevice } from './support/device.ts';
import { bytesOf, makeTree } from './support/make-tree.ts';
import { type Person, type Product, startProduct } from './support/product.ts';
import { SmallDisk } from './support/small-disk.ts';
import { UnprivilegedDevice } from './support/unprivileged-device.ts';
import { until } from './support/until.ts';

const MINUTES = 60_000;

// An honest status: what is not in step is listed with its reason and the next step, all else goes on, and the message
// goes when its cause does.
describe('status', () => {
	let product: Product;
	let person: Person;
	let a: Device;
	let b: Device;

	beforeAll(async () => {
		product = await startProduct({ quota: 40_000_000 });
		person = await product.signUp('ada');
		b = await startDevice('desk', product, person);
		a = await newDevice('laptop', UnprivilegedDevice);
		await a.login(product, person);
		await a.start();
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	/** The status once nothing is under way any more. */
	const rest = async (device: Device): Promise<DeviceStatus> => {
		await device.try(['status', '--wait', '--timeout', '60']);
		return device.status();
	};
	/** By itself: nobody asks it to look. */
	const upToDate = (device: Device) =>
		until(`${device.name} is up to date`, async () => (await device.status()).state === 'up-to-date', 2 * MINUTES);
	const arrives = (device: Device, name: string) =>
		until(`${name} arrives`, () => readFile(device.path(name)), MINUTES);
	const problem = (path: string, reason: RegExp) => ({
		path,
		reason: expect.stringMatching(reason),
		nextStep: expect.stringMatching(/\w{3}/),
	});

	it(
		'tells what cannot be read',
		async () => {
			await writeFile(a.path('secret.txt'), 'secret', { mode: 0 });
			await mkdir(a.path('closed'));
			await writeFile(a.path('closed', 'inside.txt'), 'inside');
			await chmod(a.path('closed'), 0);
			await writeFile(a.path('open.txt'), 'open');
			const { state, problems } = await rest(a);
			expect(state).toBe('problem');
			expect(problems).toEqual([
				problem('closed', /cannot be read \(permission denied\)/),
				problem('secret.txt', /permission denied/),
			]);
			await arrives(b, 'open.txt');
			await chmod(a.path('secret.txt'), 0o644);
			await chmod(a.path('closed'), 0o755);
			await upToDate(a);
			await arrives(b, 'closed/inside.txt');
		},
		3 * MINUTES,
	);

	it(
		'tells what cannot be written',
		async () => {
			await chmod(a.path('closed'), 0o555);
			await writeFile(b.path('closed', 'new.txt'), 'new');
			await writeFile(b.path('beside.txt'), 'beside');
			await b.upToDate();
			await arrives(a, 'beside.txt');
			expect((await rest(a)).problems).toEqual([problem('closed/new.txt', /permission denied/)]);
			await chmod(a.path('closed'), 0o755);
			await upToDate(a);
			await arrives(a, 'closed/new.txt');
		},
		3 * MINUTES,
	);

	it(
		'S12: tells that the folder itself cannot be read, and that it is not there',
		async () => {
			const names = await readdir(b.folder);
			await chmod(a.folder, 0);
			expect(await rest(a)).toMatchObject({ state: 'problem', problems: [problem('', /permission denied/)] });
			await chmod(a.folder, 0o755);
			await upToDate(a);
			await writeFile(a.path('readable again.txt'), 'is watched, too');
			await arrives(b, 'readable again.txt');
			await rename(a.folder, `${a.folder}-away`);
			expect(await rest(a)).toMatchObject({ state: 'problem', problems: [problem('', /is not there/)] });
			await rename(`${a.folder}-away`, a.folder);
			await upToDate(a);
			await writeFile(a.path('back again.txt'), 'is watched, too');
			await arrives(b, 'back again.txt');
			expect(await readdir(b.folder)).toEqual(expect.arrayContaining(names));
		},
		3 * MINUTES,
	);

	it(
		'tells what does not fit on the disk; what fits does not wait for it, and has the room',
		async () => {
			const disk = await SmallDisk.make(8);
			const c = await newDevice('tablet', undefined, { folder: join(disk.path, 'myDropbox') });
			await c.login(product, person);
			await c.start();
			await c.upToDate();
			await writeFile(b.path('large.bin'), bytesOf('large', 12_000_000));
			await b.upToDate();
			expect((await rest(c)).problems).toEqual([problem('large.bin', /not enough room/)]);
			await writeFile(b.path('small.bin'), bytesOf('small', 5_000_000));
			await b.upToDate();
			await arrives(c, 'small.bin');
			const { problems, bytesReceived } = await rest(c);
			expect(problems).toEqual([problem('large.bin', /not enough room/)]);
			// It is not fetched as long as there is no room.
			expect(bytesReceived).toBeLessThan(6_000_000);
			disk.grow(40);
			await c.upToDate();
			expect(await compareTrees(c.folder, b.folder)).toEqual([]);
			await c.run(['stop']);
		},
		3 * MINUTES,
	);

	it(
		'tells that it cannot remember anything, and has forgotten nothing when it can again',
		async () => {
			const disk = await SmallDisk.make(4);
			const c = await newDevice('tower', undefined, { home: join(disk.path, 'home') });
			await c.login(product, person);
			await c.start();
			await c.upToDate();
			await writeFile(join(disk.path, 'filler'), bytesOf('filler', 8_000_000)).catch(() => 'the disk is full now');
			await makeTree(b.path('tree'), 20, 20);
			await writeFile(c.path('mine.txt'), 'mine');
			await b.upToDate();
			expect(await rest(c)).toMatchObject({ state: 'problem', problems: [problem('', /state is on is full/)] });
			await rm(join(disk.path, 'filler'));
			disk.grow(40);
			await c.upToDate();
			await b.upToDate();
			expect(await compareTrees(c.folder, b.folder)).toEqual([]);
			expect(await readdir(b.folder)).toContain('mine.txt');
			await c.run(['stop']);
		},
		3 * MINUTES,
	);

	it(
		'tells what does not fit in the account',
		async () => {
			await writeFile(a.path('huge.bin'), bytesOf('huge', 30_000_000));
			await writeFile(a.path('fits.txt'), 'fits');
			expect((await rest(a)).problems).toEqual([problem('huge.bin', /does not fit/)]);
			await arrives(b, 'fits.txt');
			await rm(b.path('large.bin'));
			await upToDate(a);
			await arrives(b, 'huge.bin');
		},
		3 * MINUTES,
	);

	it(
		'tells that the server is away, and which; then that the device was signed out',
		async () => {
			await product.stop();
			await writeFile(a.path('meanwhile.txt'), 'meanwhile');
			await until('it is offline', async () => (await a.status()).state === 'offline');
			expect((await a.status()).offline).toMatch(/^The server at http\S+ cannot be reached: connection refused\.$/);
			expect(await a.run(['status'])).toContain('connection refused');
			await product.start();
			await upToDate(a);
			expect((await a.status()).offline).toBeNull();
			await arrives(b, 'meanwhile.txt');

			const { refreshToken } = JSON.parse(await readFile(join(a.home, 'credentials.json'), 'utf8'));
			const authorization = `Bearer ${refreshToken}`;
			await fetch(`${product.routeUrl}/v1/devices/self`, { method: 'DELETE', headers: { authorization } });
			await a.stop();
			await a.start();
			expect(await rest(a)).toMatchObject({ state: 'problem', problems: [problem('', /signed out/)] });
			await a.login(product, person);
			await upToDate(a);
		},
		3 * MINUTES,
	);
});
