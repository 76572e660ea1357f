import { existsSync, readFileSync, rmSync } from 'node:fs';
import { RouteServer } from './support/route-server.ts';
import { Sandbox } from './support/sandbox.ts';

let server: RouteServer;
let box: Sandbox;
beforeEach(async () => {
	server = await new RouteServer().start();
	box = new Sandbox();
	await box.run(`login --server ${server.origin} --username ann --password-stdin --folder ${box.folder}`, {
		input: 'correct horse',
	});
});
afterEach(async () => {
	await box.remove();
	await server.stop();
});

const statusJson = async () => JSON.parse((await box.run('status --json')).out);

test('start, status, pause, resume, stop', async () => {
	expect(await box.run('start')).toMatchObject({
		code: 0,
		out: expect.stringContaining(`keeps ${box.folder} in sync`),
	});
	const status = await statusJson();
	expect(status).toEqual({
		pid: expect.any(Number),
		state: 'up-to-date',
		filesToGo: 0,
		bytesToGo: 0,
		problems: [],
		problemCount: 0,
		offline: null,
		heldDeletes: null,
		arriving: [],
		excluded: 0,
		ignored: 0,
		bytesSent: 0,
		bytesReceived: 0,
		lastSync: '2026-11-21T10:00:00.000Z',
		folder: box.folder,
		server: 'http://localhost:8080',
		username: 'ann',
		device: expect.any(String),
	});
	expect(status.pid).not.toBe(process.pid);

	expect(await box.run('start')).toMatchObject({
		code: 0,
		out: expect.stringContaining(`running already (process ${status.pid})`),
	});
	expect((await box.run('pause')).out).toBe('Paused.\n');
	expect(await box.run('status --wait')).toMatchObject({ code: 1, err: expect.stringContaining('mydropbox resume') });
	expect((await box.run('resume')).out).toBe('Up to date.\n');
	expect((await box.run('status --wait')).code).toBe(0);

	expect(await box.run('stop')).toMatchObject({ code: 0, out: 'Stopped.\n' });
	expect(box.isRunning()).toBe(false);
	expect(existsSync(box.home.pid)).toBe(false);
	expect((await box.run('stop')).code).toBe(0);
});

test('without a daemon, status says so and how to start it', async () => {
	expect(await box.run('status')).toMatchObject({ code: 3, err: expect.stringContaining('mydropbox start') });
	const json = await box.run('status --json');
	expect(json.code).toBe(3);
	expect(JSON.parse(json.out)).toMatchObject({ pid: null, state: 'stopped', problems: [], username: 'ann' });
	expect((await box.run('pause')).code).toBe(3);
});

test('after a crash, start just works again', async () => {
	await box.run('start');
	const { pid } = await statusJson();
	process.kill(pid, 'SIGKILL');
	expect((await box.run('start')).code).toBe(0);
	expect((await statusJson()).pid).not.toBe(pid);
});

test('two starts at once start one daemon', async () => {
	const both = await Promise.all([box.run('start'), box.run('start')]);
	expect(both.map(({ code }) => code)).toEqual([0, 0]);
	expect((await box.run('status')).code).toBe(0);
});

test('SIGTERM stops it cleanly', async () => {
	await box.run('start');
	const { pid } = await statusJson();
	process.kill(pid, 'SIGTERM');
	while (box.isRunning()) await new Promise((resolve) => setImmediate(resolve));
	expect(existsSync(box.home.pid)).toBe(false);
	expect(readFileSync(box.home.log, 'utf8')).toContain('"msg":"stopped"');
});

test('what keeps the engine from starting is said by start, and nothing is left running', async () => {
	rmSync(box.folder, { recursive: true });
	expect(await box.run('start')).toMatchObject({ code: 1, err: expect.stringContaining('Mount the disk') });
	expect(box.isRunning()).toBe(false);
});

test('logs shows what happened, readable', async () => {
	await box.run('start');
	await box.run('stop');
	const { out } = await box.run('logs');
	expect(out).toMatch(/^\S+Z info {2}starting pid=\d+ /);
	expect(out).toMatch(/info {2}stopped\n$/);
});

describe('doctor', () => {
	test('finds what is wrong, and says what to do', async () => {
		const { code, out } = await box.run('doctor');
		expect(code).toBe(1);
		expect(out).toContain(`ok       Folder: ${box.folder} can be read and written`);
		expect(out).toContain('ok       Marker');
		expect(out).toContain(`ok       Server: ${server.origin} answers`);
		expect(out).toContain('ok       Clock: agrees with the server');
		expect(out).toMatch(/problem {2}Daemon: not running\n {9}.*\n {9}→ Run: mydropbox start\n/);
	});

	test('tells scripts the same', async () => {
		await box.run('start');
		const { out } = await box.run('doctor --json');
		const report = JSON.parse(out);
		expect(report).toMatchObject({ ok: false, problems: 1 });
		expect(report.findings.find(({ level }: { level: string }) => level === 'problem')).toEqual({
			check: 'account',
			title: 'Account',
			level: 'problem',
			found: 'refused: no-such-route',
			means: expect.any(String),
			nextStep: expect.any(String),
		});
	});

	test('works where nobody is signed in', async () => {
		await box.run('logout');
		const { code, out } = await box.run('doctor');
		expect(code).toBe(1);
		expect(out).toMatch(/problem {2}Configuration: nobody is signed in/);
	});
});

test('signing in again lets a running daemon go on', async () => {
	await box.run('start');
	const { pid } = await statusJson();
	server.devices.clear();
	const again = await box.run(`login --server ${server.origin} --password-stdin`, { input: 'correct horse' });
	expect(again).toMatchObject({ code: 0, out: expect.stringContaining('goes on with the new sign-in') });
	expect((await statusJson()).pid).not.toBe(pid);
});

test('logout stops the daemon first', async () => {
	await box.run('start');
	expect((await box.run('logout')).code).toBe(0);
	expect(box.isRunning()).toBe(false);
	expect(await box.run('start')).toMatchObject({ code: 1, err: expect.stringContaining('not signed in') });
});
