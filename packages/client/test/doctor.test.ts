import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DeviceId, NamespaceId, UserId } from '@mydropbox/protocol';
import { ServerUnreachable } from '@mydropbox/remote';
import { CHECKS } from '../src/cli/doctor/checks.ts';
import { examine, type Result } from '../src/cli/doctor/examine.ts';
import { mountOf } from '../src/cli/doctor/file-system.ts';
import { thisOutside } from '../src/cli/doctor/outside.ts';
import type { Outside, SignedIn } from '../src/cli/doctor/patient.ts';
import { judgeWatches } from '../src/cli/doctor/watches.ts';
import { markFolder } from '../src/daemon/folder.ts';
import { Home } from '../src/daemon/home.ts';
import { takeLock } from '../src/daemon/lock.ts';
import type { DaemonStatus } from '../src/daemon/status.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { sqliteTables } from '../src/state/sqlite/tables.ts';
import { TestFolder } from './support/folder.ts';
import { failing, hookedFs } from './support/hooked-fs.ts';

const DEVICE = '11'.repeat(16) as DeviceId;
const NOW = Date.parse('2026-11-21T12:00:00Z');

let at: TestFolder;
let patient: SignedIn;

beforeEach(() => {
	at = new TestFolder();
	const home = new Home(join(at.dir, 'home'));
	home.create();
	writeFileSync(home.credentials, '{}', { mode: 0o600 });
	markFolder(at.folder, { device: DEVICE, home: home.dir });
	patient = {
		home,
		command: (name) => `mydropbox ${name}`,
		status: async () => undefined,
		discovered: async () => ({ protocol: 1, routeServer: '', webServer: '', time: new Date(NOW) }),
		credentials: undefined,
		config: {
			server: 'https://box.example.org',
			website: 'https://box.example.org',
			user: '44'.repeat(16) as UserId,
			username: 'ann',
			device: DEVICE,
			deviceName: 'laptop',
			namespace: '33'.repeat(16) as NamespaceId,
			folder: at.folder,
		},
		outside: { ...thisOutside({}), now: () => NOW, readText: () => undefined },
	};
});
afterEach(() => at.remove());

/** What one check says, on a machine that is different in something. */
const find = async (check: string, outside: Partial<Outside> = {}, more: Partial<SignedIn> = {}): Promise<Result> => {
	const signedIn = { ...patient, outside: { ...patient.outside, ...outside }, ...more };
	return (await examine(signedIn, signedIn)).find((result) => result.check === check)!;
};
const texts =
	(files: Record<string, string>): Outside['readText'] =>
	(path) =>
		files[path];
const status = (news: Partial<DaemonStatus>) => ({
	status: async () => ({ pid: 7, filesToGo: 0, bytesToGo: 0, problemCount: 0, ...news }) as DaemonStatus,
});

test('every warning and every problem says what it means and what to do', async () => {
	rmSync(at.folder, { recursive: true });
	const results = await examine(patient, patient);
	expect(results.filter(({ level }) => level === 'problem').length).toBeGreaterThan(1);
	for (const { level, found, means, nextStep } of results) {
		expect(found).not.toBe('');
		expect([means !== null, nextStep !== null]).toEqual([level !== 'ok', level !== 'ok']);
	}
});

test('where the folder is not there, only that is said of it', async () => {
	rmSync(at.folder, { recursive: true });
	const results = await examine(patient, patient);
	expect(results.find(({ check }) => check === 'folder')).toMatchObject({ level: 'problem' });
	expect(results.map(({ check }) => check)).toEqual(
		Object.entries(CHECKS).flatMap(([check, { needs }]) => (needs === 'folder' ? [] : [check])),
	);
});

test('without a login, what needs none is looked at', async () => {
	const results = await examine(patient, undefined);
	expect(results.map(({ check }) => check)).toEqual(['node', 'configuration', 'open-files', 'log']);
	expect(results[1]).toMatchObject({ level: 'problem', nextStep: expect.stringContaining('mydropbox login') });
});

test('a check that fails itself is a problem, and stops no other', async () => {
	const fs = hookedFs(nodeFs, {
		before: ({ name }) => {
			if (name === 'setMtime') throw new Error('the disk is on fire');
		},
	});
	expect(await find('disk-times', { fs })).toMatchObject({ level: 'problem', found: 'the disk is on fire' });
	expect(await find('hard-links', { fs })).toMatchObject({ level: 'ok' });
});

test('nothing that was tried out is left in the folder', async () => {
	await examine(patient, patient);
	expect(at.temporary()).toEqual([]);
	rmSync(join(at.folder, '.mydropbox'), { recursive: true });
	await examine(patient, patient);
	expect(readdirSync(at.folder)).toEqual([]);
	expect(existsSync(patient.home.lock)).toBe(false);
});

test.each([
	['v24.0.0', 'ok'],
	['v25.1.0', 'ok'],
	['v22.9.0', 'problem'],
])('Node %s: %s', async (nodeVersion, level) => {
	expect((await find('node', { nodeVersion })).level).toBe(level);
});

describe('the folder', () => {
	test.each([
		['list', 'EACCES', 'read (permission denied)', 'chmod u+rwx'],
		['openWrite', 'EACCES', 'written to (permission denied)', 'chmod u+rwx'],
		['openWrite', 'ENOSPC', 'written to (its disk is full)', 'Make room'],
		['makeFolder', 'EROFS', 'written to (its disk is mounted read-only)', 'Mount the disk writable'],
	] as const)('%s says %s', async (call, code, found, nextStep) => {
		const fs = failing(nodeFs, call, code, ([path]) => String(path).startsWith(at.folder));
		expect(await find('folder', { fs })).toMatchObject({
			level: 'problem',
			found: expect.stringContaining(found),
			nextStep: expect.stringContaining(nextStep),
		});
	});

	test('of another device, or of none', async () => {
		markFolder(at.folder, { device: DEVICE, home: '/home/bob/.mydropbox' });
		expect(await find('marker')).toMatchObject({ level: 'problem', found: expect.stringContaining('/home/bob') });
		rmSync(join(at.folder, '.mydropbox', 'device.json'));
		expect(await find('marker')).toMatchObject({ level: 'problem', found: expect.stringContaining('does not carry') });
	});

	test('on a disk without hard links', async () => {
		const fs = failing(nodeFs, 'link', 'EPERM', () => true);
		expect(await find('hard-links', { fs })).toMatchObject({
			level: 'problem',
			found: expect.stringContaining('EPERM'),
		});
	});

	test('on a disk that keeps times roughly, or by another clock', async () => {
		const stat: typeof nodeFs.stat = (path) => {
			const entry = nodeFs.stat(path);
			return entry && { ...entry, mtime: String((BigInt(entry.mtime) / 2_000_000_000n) * 2_000_000_000n) as never };
		};
		const now = () => Date.now();
		expect(await find('disk-times', { now })).toMatchObject({ level: 'ok', found: 'kept to the microsecond' });
		expect((await find('disk-times', { now, fs: { ...nodeFs, stat } })).found).toContain('kept to 2 seconds');
		expect(await find('disk-times', { now: () => Date.now() - 600_000 })).toMatchObject({
			level: 'warning',
			found: 'the clock of the disk is 10 min ahead of the one of this machine',
		});
	});
});

describe('the file system', () => {
	const MOUNTS = [
		'/dev/sda1 / ext4 rw 0 0',
		'server:/home /home nfs4 rw 0 0',
		'/dev/sdb1 /home/ann/my\\040box fuseblk rw 0 0',
		'host: /mnt fuse.sshfs rw 0 0',
	].join('\n');

	test.each([
		['/srv/box', '/', 'ext4'],
		['/home', '/home', 'nfs4'],
		['/home/ann', '/home', 'nfs4'],
		['/homes/ann', '/', 'ext4'],
		['/home/ann/my box/a', '/home/ann/my box', 'fuseblk'],
	])('of %s is the one at %s', (path, point, type) => {
		expect(mountOf(path, MOUNTS)).toEqual({ point, type });
	});

	test.each([
		['ext4', 'ok'],
		['fuseblk', 'ok'],
		['nfs4', 'warning'],
		['cifs', 'warning'],
		['fuse.sshfs', 'warning'],
	])('%s: %s', async (type, level) => {
		const readText = texts({ '/proc/mounts': `x ${at.dir} ${type} rw 0 0` });
		expect((await find('file-system', { readText })).level).toBe(level);
	});
});

test.each([
	[5e12, 'ok'],
	[500e6, 'warning'],
	[1e6, 'problem'],
])('%d bytes free: %s', async (free, level) => {
	const fs = { ...nodeFs, freeBytes: (path: string) => (path === at.folder ? free : 1e13) };
	expect(await find('space', { fs })).toMatchObject({ level, found: expect.stringContaining(at.folder) });
});

describe('the database', () => {
	const file = () => join(patient.home.state, 'state.db');

	test('is none yet, or readable', async () => {
		expect(await find('database')).toMatchObject({ level: 'ok' });
		sqliteTables(file())(new Set()).close();
		expect(await find('database')).toMatchObject({ level: 'ok', found: 'readable' });
	});

	test('is of a newer version', async () => {
		const db = new DatabaseSync(file());
		db.exec('pragma user_version = 99');
		db.close();
		expect(await find('database')).toMatchObject({
			level: 'problem',
			nextStep: 'Update MyDropbox on this device.',
		});
	});

	test('is none at all', async () => {
		writeFileSync(file(), 'something else'.repeat(1000));
		expect(await find('database')).toMatchObject({
			level: 'problem',
			nextStep: expect.stringContaining('nothing is deleted'),
		});
	});
});

describe('watches', () => {
	const plenty = { folders: 100, limit: 100_000, instances: 128, others: 50, otherInstances: 3 };

	test('are enough, soon too few, too few', () => {
		expect(judgeWatches(plenty).level).toBe('ok');
		expect(judgeWatches({ ...plenty, folders: 60_000 }).level).toBe('warning');
		expect(judgeWatches({ ...plenty, folders: 60_000, others: 60_000 })).toMatchObject({
			level: 'problem',
			nextStep:
				'Run: sudo sysctl -w fs.inotify.max_user_watches=524288; to keep it after a restart: echo fs.inotify.max_user_watches=524288 | sudo tee -a /etc/sysctl.d/60-mydropbox.conf',
		});
		expect(judgeWatches({ ...plenty, folders: 900_000 })).toMatchObject({
			nextStep: expect.stringContaining('max_user_watches=2097152'),
		});
	});

	test('need an instance, too', () => {
		expect(judgeWatches({ ...plenty, otherInstances: 128 })).toMatchObject({
			level: 'problem',
			nextStep: expect.stringContaining('sysctl -w fs.inotify.max_user_instances=512'),
		});
	});

	test('of other programs of this user are counted as /proc tells them, and our own are not', async () => {
		const readText = texts({
			'/proc/sys/fs/inotify/max_user_watches': '10\n',
			'/proc/sys/fs/inotify/max_user_instances': '128\n',
			'/proc/5/fdinfo/4': 'pos: 0\ninotify wd:1 ino:a\ninotify wd:2 ino:b\n',
			'/proc/6/fdinfo/4': 'inotify wd:1\n'.repeat(100),
			'/proc/7/fdinfo/4': 'inotify wd:1\n'.repeat(100),
		});
		const list = (path: string) => (path === '/proc' ? ['5', '6', '7', 'sys'] : ['3', '4']);
		const linkTarget = (path: string) => (path.endsWith('4') ? 'anon_inode:inotify' : '/etc/passwd');
		const ownerOf = (path: string) => (path === '/proc/6' ? 0 : 1000);
		const outside = { readText, list, linkTarget, ownerOf, uid: 1000 };
		expect(await find('watches', outside, status({ state: 'up-to-date' }))).toMatchObject({
			level: 'ok',
			found: '1 folders to watch, 10 watches allowed, 2 in use by other programs',
		});
	});
});

test.each([
	['Max open files            1048576              1048576              files', 'ok'],
	['Max open files            256                  256                  files', 'warning'],
])('"%s": %s', async (line, level) => {
	expect((await find('open-files', { readText: texts({ '/proc/self/limits': line }) })).level).toBe(level);
});

describe('the server', () => {
	const unreachable = (code: string) => ({
		discovered: () =>
			Promise.reject(new ServerUnreachable('https://box.example.org', Object.assign(new Error(code), { code }))),
	});

	test('cannot be reached', async () => {
		expect(await find('server', {}, unreachable('ECONNREFUSED'))).toMatchObject({
			level: 'problem',
			found: 'https://box.example.org cannot be reached: connection refused',
		});
		const env = { HTTPS_PROXY: 'http://proxy:3128' };
		expect((await find('server', { env }, unreachable('ETIMEDOUT'))).nextStep).toContain('HTTPS_PROXY is set');
	});

	test('has a certificate that nobody knows', async () => {
		expect(await find('server', {}, unreachable('DEPTH_ZERO_SELF_SIGNED_CERT'))).toMatchObject({
			level: 'problem',
			nextStep: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
		});
	});

	test('is too far ahead or behind', async () => {
		const speaks = (protocol: number) => ({ discovered: async () => ({ ...(await patient.discovered()), protocol }) });
		expect((await find('server', {}, speaks(2))).level).toBe('ok');
		expect((await find('server', {}, speaks(3))).nextStep).toBe('Update the program on this device.');
	});

	test('can be overheard', async () => {
		const config = { ...patient.config, server: 'http://box.example.org' };
		expect(await find('server', {}, { config })).toMatchObject({ level: 'warning' });
	});

	test.each([
		[0, 'ok'],
		[59_000, 'ok'],
		[600_000, 'warning'],
		[-600_000, 'warning'],
	])('whose clock is %d ms behind: %s', async (ahead, level) => {
		expect((await find('clock', { now: () => NOW + ahead })).level).toBe(level);
	});
});

test('credentials that others can read', async () => {
	const credentials = { refreshToken: 'r'.repeat(43) };
	expect(await find('credentials')).toMatchObject({ level: 'problem', nextStep: 'Run: mydropbox login' });
	expect(await find('credentials', {}, { credentials })).toMatchObject({ level: 'ok' });
	chmodSync(patient.home.credentials, 0o644);
	expect(await find('credentials', {}, { credentials })).toMatchObject({
		level: 'problem',
		nextStep: `Run: chmod 600 '${patient.home.credentials}'`,
	});
});

describe('the daemon', () => {
	test.each([
		['up-to-date', 'ok'],
		['syncing', 'ok'],
		['paused', 'warning'],
		['offline', 'warning'],
		['problem', 'problem'],
	] as const)('that is %s: %s', async (state, level) => {
		expect(await find('daemon', {}, status({ state }))).toMatchObject({
			level,
			found: expect.stringContaining('process 7.'),
		});
	});

	test('is not running, or was killed', async () => {
		expect(await find('daemon')).toMatchObject({ level: 'problem', found: 'not running' });
		const readText = texts({ [patient.home.pid]: '4711' });
		expect((await find('daemon', { readText })).found).toBe('not running; process 4711 ended without tidying up');
	});

	test('holds the lock and does not answer', async () => {
		const free = takeLock(patient.home.lock)!;
		expect(await find('daemon')).toMatchObject({ level: 'problem', found: expect.stringContaining('does not answer') });
		free();
	});
});

test('errors of the last day are told from older ones, and from lines that were cut off', async () => {
	const line = (time: string, msg: string) => JSON.stringify({ level: 'error', time, msg, err: { message: 'why' } });
	const old = line('2026-11-19T10:00:00Z', 'old');
	const recent = line('2026-11-21T10:00:00Z', 'a round failed');
	const log = (text: string) => ({ readText: texts({ [patient.home.log]: text }) });
	expect((await find('log', log(`${old}\n{"level":"error","ti`))).level).toBe('ok');
	expect(await find('log', log(`${old}\n${recent}\n{"level":"info"}\n`))).toMatchObject({
		level: 'warning',
		found: '1 error within a day, the last at 2026-11-21T10:00:00.000Z: a round failed: why',
	});
});
