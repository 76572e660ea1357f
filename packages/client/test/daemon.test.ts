import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig, writeLogin } from '../src/daemon/config.ts';
import { type Daemon, startDaemon } from '../src/daemon/daemon.ts';
import { Home } from '../src/daemon/home.ts';
import { askDaemon } from '../src/daemon/ipc-client.ts';
import { FakeEngine } from './support/fake-engine.ts';
import { NAMESPACE, RouteServer } from './support/route-server.ts';
import { Sandbox } from './support/sandbox.ts';

const log = pino({ level: 'silent' });
const CREDENTIALS = { refreshToken: 'r'.repeat(43) };
let server: RouteServer;
let box: Sandbox;
let engine: FakeEngine;
let daemon: Daemon | undefined;

const createEngine = (options: ConstructorParameters<typeof FakeEngine>[0]) => {
	engine = new FakeEngine(options);
	return engine;
};

beforeEach(async () => {
	server = await new RouteServer().start();
	box = new Sandbox(async () => createEngine);
	await box.run(
		`login --server ${server.origin} --username ann --password-stdin --folder ${box.folder} --device laptop`,
		{
			input: 'correct horse',
		},
	);
});
afterEach(async () => {
	await daemon?.stop();
	daemon = undefined;
	await box.remove();
	await server.stop();
});

const start = async (home = box.home) => {
	daemon = await startDaemon({ home, createEngine, log });
};

test('the engine is given what login found out', async () => {
	await start();
	expect(engine.options).toMatchObject({
		folder: box.folder,
		stateDir: box.home.state,
		deviceName: 'laptop',
		namespace: NAMESPACE,
	});
});

test('only one daemon per home', async () => {
	await start();
	await expect(startDaemon({ home: box.home, createEngine, log })).rejects.toThrow('running already');
	expect(await box.run('start --foreground')).toMatchObject({
		code: 1,
		out: expect.stringContaining('running already'),
	});
});

test('its socket is for its user only, also where the path of the home is too long', async () => {
	await start();
	expect(statSync(box.home.socket).mode & 0o777).toBe(0o600);
	await daemon!.stop();

	const deep = new Home(join(box.dir, 'x'.repeat(120)));
	deep.create();
	writeLogin(deep, readConfig(box.home)!, CREDENTIALS);
	await start(deep);
	expect(deep.socket.startsWith(deep.dir)).toBe(false);
	expect(statSync(deep.socket).mode & 0o777).toBe(0o600);
	expect(await askDaemon(deep, 'GET /status')).toMatchObject({ state: 'up-to-date' });
});

test('status shows what is left to do and every problem with its next step', async () => {
	await start();
	engine.say({ state: 'syncing', filesToGo: 1234, bytesToGo: 2_340_000_000 });
	expect((await box.run('status')).out).toContain('Syncing: 1,234 files, 2.3 GB to go.');
	const problem = { path: 'a/b.txt', reason: 'It is locked.', nextStep: 'Close the program that has it open.' };
	engine.say({ state: 'problem', filesToGo: 1, bytesToGo: 5, problems: [problem] });
	const { out } = await box.run('status');
	expect(out).toContain('1 problem to look at (1 file, 5 bytes to go).');
	expect(out).toContain('  a/b.txt: It is locked.\n    Close the program that has it open.');
	expect(JSON.parse((await box.run('status --json')).out).problems).toEqual([problem]);
});

test('ten thousand problems are counted, and as many shown as one can read', async () => {
	await start();
	const problems = Array.from({ length: 1000 }, (_, i) => ({ path: `file ${i}`, reason: 'r.', nextStep: 'n.' }));
	engine.say({ state: 'problem', problems, problemCount: 10_000 });
	const { out } = await box.run('status');
	expect(out).toContain('10,000 problems to look at.');
	expect(out).toContain('file 19: r.');
	expect(out).not.toContain('file 20: r.');
	expect(out).toContain('… and 9,980 more');
	const told = JSON.parse((await box.run('status --json')).out);
	expect([told.problems.length, told.problemCount]).toEqual([1000, 10_000]);
});

describe('confirm and undo', () => {
	const held = { files: 1234, folder: 'a', example: 'a/b', since: '2026-11-21T10:00:00.000Z' };

	test.each([
		['confirm', '1,234 files will be deleted on all devices.\n'],
		['undo', '1,234 files will be brought back to this device.\n'],
	])('%s tells the engine, and says what follows', async (command, out) => {
		await start();
		engine.say({ heldDeletes: held });
		expect(await box.run(command)).toEqual({ code: 0, out, err: '' });
		expect(engine.calls).toContain(command);
		engine.say({ state: 'paused' });
		expect((await box.run(command)).out).toContain('Go on with: mydropbox resume');
	});

	test.each(['confirm', 'undo'])('%s without a question says that there is none', async (command) => {
		await start();
		expect(await box.run(command)).toMatchObject({ code: 1, err: expect.stringContaining('no deletes are held back') });
	});

	test.each(['confirm', 'undo'])('%s says when no daemon runs', async (command) => {
		expect(await box.run(command)).toMatchObject({ code: 3, err: expect.stringContaining('not running') });
	});
});

test('the engine is told when to ask before it deletes', async () => {
	writeLogin(box.home, { ...readConfig(box.home)!, massDeletes: { files: 5, share: 1, shareFrom: 7 } }, CREDENTIALS);
	await start();
	expect(engine.options.massDeletes).toEqual({ files: 5, share: 1, shareFrom: 7 });
});

describe('status --wait', () => {
	test('returns when the engine has settled', async () => {
		await start();
		engine.say({ state: 'syncing', filesToGo: 1 });
		const waiting = box.run('status --wait');
		while (!engine.calls.includes('settled')) await new Promise((resolve) => setImmediate(resolve));
		engine.say({ state: 'up-to-date', filesToGo: 0 });
		expect(await waiting).toMatchObject({ code: 0, out: expect.stringContaining('Up to date.') });
	});

	test('fails when problems remain', async () => {
		await start();
		engine.say({ state: 'problem', problems: [{ path: 'x', reason: 'r', nextStep: 'n' }] });
		expect((await box.run('status --wait')).code).toBe(1);
	});

	test('gives up after its time, and the engine is told', async () => {
		await start();
		engine.say({ state: 'syncing', filesToGo: 1 });
		expect(await box.run('status --wait --timeout 0.05')).toMatchObject({
			code: 1,
			err: expect.stringContaining('Not up to date after 0.05 seconds'),
		});
		while (!engine.calls.includes('gave up')) await new Promise((resolve) => setImmediate(resolve));
	});

	test('a timeout that is no number is refused', async () => {
		expect((await box.run('status --wait --timeout soon')).code).toBe(2);
	});
});

describe('exclude and include', () => {
	test('take paths in the folder, however they are typed, and say what happens', async () => {
		await start();
		const { code, out } = await box.run(`exclude photos/2019 ${join(box.folder, 'music')} ./films/`);
		expect(code).toBe(0);
		expect(out.split('\n')[0]).toBe(
			'photos/2019 leaves this device as soon as all of it is on the server, where it stays.',
		);
		expect((await box.run('exclude')).out).toBe('photos/2019\nmusic\nfilms\n');
		expect((await box.run('include music')).out).toBe('music comes back to this device.\n');
		expect((await box.run('exclude')).out).toBe('photos/2019\nfilms\n');
	});

	test('tell what the server does not have any more, and when there is nothing', async () => {
		await start();
		expect((await box.run('exclude')).out).toBe('Nothing is excluded on this device.\n');
		await box.run('exclude gone');
		expect((await box.run('exclude')).out).toBe('gone (the server does not have it any more)\n');
	});

	test('refuse what is outside, and pass on what the engine refuses', async () => {
		await start();
		for (const path of ['/etc', '../x', `${box.folder}-2/x`]) {
			expect(await box.run(`exclude ${path}`)).toMatchObject({
				code: 1,
				err: expect.stringContaining(`${path} is not in ${box.folder}.`),
			});
		}
		expect(await box.run('exclude unknown')).toMatchObject({
			code: 1,
			err: 'There is no unknown on the server.\nTry another.\n',
		});
		expect((await box.run('include')).code).toBe(2);
		expect((await box.run('exclude')).out).toBe('Nothing is excluded on this device.\n');
	});

	test('need a running daemon', async () => {
		expect((await box.run('exclude x')).code).toBe(3);
	});

	test('status tells how much is excluded and ignored', async () => {
		await start();
		expect((await box.run('status')).out).not.toMatch(/Excluded|Ignored/);
		engine.say({ excluded: 2, ignored: 1 });
		expect((await box.run('status')).out).toMatch(/Excluded {3}2 paths not on this device.*\nIgnored {4}1 thing here/);
		expect(JSON.parse((await box.run('status --json')).out)).toMatchObject({ excluded: 2, ignored: 1 });
	});
});

test('in the foreground it runs until it is stopped', async () => {
	const foreground = box.run('start --foreground');
	while (!(await askDaemon(box.home, 'GET /status'))) await new Promise((resolve) => setImmediate(resolve));
	engine.say({ state: 'syncing', filesToGo: 2, bytesToGo: 10 });
	engine.say({ state: 'up-to-date', filesToGo: 0, bytesToGo: 0 });
	await box.run('stop');
	const { code, out } = await foreground;
	expect(code).toBe(0);
	expect(out).toBe(
		`MyDropbox keeps ${box.folder} in sync. Stop it with Ctrl-C.\nSyncing: 2 files, 10 bytes to go.\nUp to date.\nStopped.\n`,
	);
	expect(engine.calls).toContain('stop');
});

test('a command that the daemon does not know is refused, not obeyed', async () => {
	await start();
	await expect(askDaemon(box.home, 'POST /format' as never)).rejects.toThrow();
	expect(await askDaemon(box.home, 'GET /status')).toMatchObject({ state: 'up-to-date' });
});
