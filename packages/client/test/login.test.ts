import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, readCredentials } from '../src/daemon/config.ts';
import { readMarker } from '../src/daemon/folder.ts';
import { RouteServer } from './support/route-server.ts';
import { type Ran, Sandbox } from './support/sandbox.ts';

let server: RouteServer;
let box: Sandbox;
beforeEach(async () => {
	server = await new RouteServer().start();
	box = new Sandbox();
});
afterEach(async () => {
	await box.remove();
	await server.stop();
});

const login = (options = '', where = box): Promise<Ran> =>
	where.run(
		`login --server ${server.origin} --username ann --password-stdin --folder ${where.folder} ${options}`.trim(),
		{
			input: 'correct horse\n',
		},
	);

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('login makes the folder, the home and its files, for this user only', async () => {
	const { code, out } = await login('--device laptop');
	expect(out).toContain('This device is called "laptop"');
	expect(code).toBe(0);
	expect(readConfig(box.home)).toMatchObject({
		server: server.origin,
		username: 'ann',
		folder: box.folder,
		deviceName: 'laptop',
	});
	expect([...server.devices]).toEqual([[readCredentials(box.home)!.refreshToken, 'laptop']]);
	expect([box.home.dir, box.home.config, box.home.credentials, box.home.state].map(mode)).toEqual([
		'700',
		'600',
		'600',
		'700',
	]);
	expect(readFileSync(box.home.config, 'utf8')).not.toContain(readCredentials(box.home)!.refreshToken);
	expect(existsSync(box.folder)).toBe(true);
});

test('without --folder, another home has its folder in it', async () => {
	const ran = await box.run(`login --server ${server.origin} --username ann --password-stdin`, {
		input: 'correct horse',
	});
	expect(ran.code).toBe(0);
	expect(readConfig(box.home)!.folder).toBe(join(box.home.dir, 'myDropbox'));
});

test('a wrong password leaves nothing behind', async () => {
	const ran = await box.run(`login --server ${server.origin} --username ann --password-stdin --folder ${box.folder}`, {
		input: 'wrong',
	});
	expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('wrong-password') });
	expect(existsSync(box.home.dir)).toBe(false);
	expect(existsSync(box.folder)).toBe(false);
});

test('a home that is signed in says how to sign out; after that it can be used again', async () => {
	await login();
	const again = await login();
	expect(again.code).toBe(1);
	expect(again.err).toContain('signed in already, as ann');
	expect(again.err).toContain('mydropbox logout');
	expect(server.devices.size).toBe(1);

	expect((await box.run('logout')).code).toBe(0);
	expect(server.devices.size).toBe(0);
	expect([box.home.config, box.home.credentials, box.home.state].map((path) => existsSync(path))).toEqual([
		false,
		false,
		false,
	]);
	expect(existsSync(box.folder)).toBe(true);
	expect(readMarker(box.folder)).toBeUndefined();
	expect((await login()).code).toBe(0);
});

test('a device that was revoked is signed in again with its folder and state', async () => {
	await login('--device laptop');
	writeFileSync(join(box.home.state, 'trees.db'), 'kept');
	server.devices.clear();
	const again = await box.run(`login --server ${server.origin} --password-stdin`, { input: 'correct horse' });
	expect(again).toMatchObject({ code: 0 });
	expect(readConfig(box.home)).toMatchObject({ folder: box.folder, deviceName: 'laptop' });
	expect(readFileSync(join(box.home.state, 'trees.db'), 'utf8')).toBe('kept');
});

test('a revoked device does not go to another account by accident', async () => {
	await login();
	server.devices.clear();
	const other = await box.run(`login --server ${server.origin} --username bob --password-stdin`, {
		input: 'correct horse',
	});
	expect(other).toMatchObject({ code: 1, err: expect.stringContaining('belongs to ann, not to bob') });
	expect(server.devices.size).toBe(0);
	expect(readConfig(box.home)!.username).toBe('ann');
});

describe('folders that are refused', () => {
	const tryFolder = (folder: string) =>
		box.run(`login --server ${server.origin} --username ann --password-stdin --folder ${folder}`, {
			input: 'correct horse',
		});

	test.each([
		['the home', (b: Sandbox) => b.home.dir],
		['in the home', (b: Sandbox) => join(b.home.dir, 'sub')],
		['around the home', (b: Sandbox) => b.dir],
	])('%s', async (_, folder) => {
		expect(await tryFolder(folder(box))).toMatchObject({
			code: 1,
			err: expect.stringContaining('must not be inside each other'),
		});
		expect(server.devices.size).toBe(0);
	});

	test('around the home by a symbolic link', async () => {
		const link = join(box.dir, 'link');
		symlinkSync(box.dir, link);
		expect((await tryFolder(link)).code).toBe(1);
	});

	test('a file', async () => {
		writeFileSync(box.folder, '');
		expect(await tryFolder(box.folder)).toMatchObject({ code: 1, err: expect.stringContaining('is not a folder') });
	});

	test("another device's, or one in it; not one whose device is gone", async () => {
		const other = new Sandbox();
		await login('', other);
		mkdirSync(join(other.folder, 'sub'));
		for (const folder of [other.folder, join(other.folder, 'sub', 'deeper')]) {
			expect(await tryFolder(folder)).toMatchObject({
				code: 1,
				err: expect.stringContaining('another device on this machine'),
			});
		}
		await other.remove();
		mkdirSync(other.folder, { recursive: true });
		expect((await tryFolder(other.folder)).code).toBe(0);
		await other.remove();
	});
});

describe('servers that are refused', () => {
	const tryServer = (address: string) =>
		box.run(`login --server ${address} --username ann --password-stdin --folder ${box.folder}`, {
			input: 'correct horse',
		});

	test('an address without http', async () => {
		expect(await tryServer('localhost:8080')).toMatchObject({
			code: 1,
			err: expect.stringContaining('http://localhost:8080'),
		});
	});

	test('one that is down', async () => {
		await server.stop();
		expect(await tryServer(server.origin)).toMatchObject({
			code: 1,
			err: expect.stringContaining('connection refused'),
		});
		await server.start();
	});

	test('one of a protocol too far away', async () => {
		server.protocol = 9;
		expect(await tryServer(server.origin)).toMatchObject({
			code: 1,
			err: expect.stringContaining('Update the program on this device'),
		});
	});
});

test('without a terminal, what is missing is named', async () => {
	expect((await box.run(`login --server ${server.origin}`)).err).toContain('--username is missing');
	expect((await box.run(`login --server ${server.origin} --username ann`)).err).toContain('--password-stdin');
});

test('signup checks before it sends, and says what comes next', async () => {
	const signup = (password: string) =>
		box.run(`signup --server ${server.origin} --username ann --email ann@example.org --password-stdin`, {
			input: password,
		});
	expect(await signup('short')).toMatchObject({
		code: 1,
		err: expect.stringContaining('password: must have at least 8'),
	});
	expect(server.accounts).toEqual([]);
	const ran = await signup('correct horse\r\n');
	expect(ran).toMatchObject({
		code: 0,
		out: expect.stringContaining(`login --server ${server.origin} --username ann`),
	});
	expect(server.accounts).toEqual([{ username: 'ann', email: 'ann@example.org', password: 'correct horse' }]);
});
