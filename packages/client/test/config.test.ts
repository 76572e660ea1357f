import { mkdirSync, writeFileSync } from 'node:fs';
import { MASS_DELETE_LIMITS } from '@mydropbox/sync-engine';
import { readConfig } from '../src/daemon/config.ts';
import { UserError } from '../src/daemon/user-error.ts';
import { Sandbox } from './support/sandbox.ts';

const GOOD = {
	server: 'http://localhost:8081',
	website: 'http://localhost:8080',
	user: '11'.repeat(16),
	username: 'ann',
	device: '22'.repeat(16),
	deviceName: 'laptop',
	namespace: '33'.repeat(16),
	folder: '/home/ann/myDropbox',
};

let box: Sandbox;
beforeEach(() => {
	box = new Sandbox();
	mkdirSync(box.home.dir);
});
afterEach(() => box.remove());

const write = (text: string) => writeFileSync(box.home.config, text);

test('a config is read as it was written; none is not an error', () => {
	expect(readConfig(box.home)).toBeUndefined();
	write(JSON.stringify(GOOD));
	expect(readConfig(box.home)).toEqual(GOOD);
});

test('what it does not say about mass deletes is as usual', () => {
	write(JSON.stringify({ ...GOOD, massDeletes: { files: 5 } }));
	expect(readConfig(box.home)?.massDeletes).toEqual({ ...MASS_DELETE_LIMITS, files: 5 });
});

test.each([
	['a typo in a key', { ...GOOD, fodler: '/x' }, 'unknown key "fodler"'],
	['a missing key', { ...GOOD, folder: undefined }, '"folder":'],
	['a relative folder', { ...GOOD, folder: 'myDropbox' }, '"folder": must be an absolute path'],
	['half a file', { ...GOOD, massDeletes: { files: 0.5 } }, '"massDeletes.files":'],
	['a share that is no share', { ...GOOD, massDeletes: { share: 50 } }, '"massDeletes.share":'],
	['a bad address', { ...GOOD, server: 'localhost' }, '"server":'],
])('%s is named, with the file', (_, config, complaint) => {
	write(JSON.stringify(config));
	expect(() => readConfig(box.home)).toThrow(UserError);
	expect(() => readConfig(box.home)).toThrow(complaint);
	expect(() => readConfig(box.home)).toThrow(box.home.config);
});

test('what is not JSON is said so, by every command', async () => {
	write('{ "server": ');
	const { code, err } = await box.run('status');
	expect(code).toBe(1);
	expect(err).toContain(`${box.home.config} is not valid JSON`);
});
