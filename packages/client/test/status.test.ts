import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '@mydropbox/protocol';
import { nodeFs } from '../src/fs/node-fs.ts';
import { failing } from './support/hooked-fs.ts';
import { RunningEngine } from './support/running-engine.ts';

let device: RunningEngine;
/** What the disk refuses while it is so. */
let isRefused: boolean;

beforeEach(() => {
	isRefused = true;
	device = new RunningEngine({ 'good.txt': 'good', 'closed/bad.txt': 'bad' });
});
afterEach(() => device.remove());

const refuse = (call: 'list' | 'openRead' | 'makeFolder', path: string) => {
	device.disk = failing(nodeFs, call, 'EACCES', ([at]) => isRefused && at === join(device.at.folder, path));
};
const upToDate = () =>
	new Promise<void>((resolve) => {
		const end = device.engine.onStatus(({ state }) => {
			if (state !== 'up-to-date') return;
			end();
			resolve();
		});
	});

describe('an honest status', () => {
	test('lists a folder that cannot be read, and sees by itself when it can', async () => {
		refuse('list', 'closed');
		await device.start();
		const status = await device.settled();
		expect(status).toMatchObject({ state: 'problem', problemCount: 1, problems: [{ path: 'closed' }] });
		expect(device.server.drawing()).toEqual({ 'good.txt': 'good', 'closed/': '' });
		isRefused = false;
		await upToDate();
		expect(device.server.drawing()).toEqual({ 'good.txt': 'good', 'closed/': '', 'closed/bad.txt': 'bad' });
	});

	test('lists a file that cannot be read; the others do not wait for it', async () => {
		refuse('openRead', 'closed/bad.txt');
		await device.start();
		const status = await device.settled();
		expect(status).toMatchObject({ state: 'problem', filesToGo: 1, problems: [{ path: 'closed/bad.txt' }] });
		expect(device.server.drawing()).toEqual({ 'good.txt': 'good', 'closed/': '' });
		isRefused = false;
		await upToDate();
	});

	test('lists what waits for something else, with what that is', async () => {
		const folder = 'f'.repeat(32) as NodeId;
		device.server.put({ id: folder, name: 'new', kind: 'folder' });
		const link = { kind: 'symlink', target: 't', mtime: '0' };
		device.server.put({ id: '1'.repeat(32) as NodeId, name: 'link', parent: folder, ...link });
		refuse('makeFolder', 'new');
		await device.start();
		const status = await device.settled();
		expect(status).toMatchObject({ state: 'problem', filesToGo: 2, problemCount: 2 });
		expect(status.problems).toMatchObject([{ path: 'new' }, { path: 'new/link', reason: 'It waits for new.' }]);
		isRefused = false;
		await upToDate();
		expect(device.at.drawing()).toMatchObject({ 'new/link': '→ t' });
	});

	test('counts problems that are too many to be told', async () => {
		const names = Array.from({ length: 1100 }, (_, i) => `many/${i}`);
		device.at.draw(Object.fromEntries(names.map((name) => [name, 'x'])));
		device.disk = failing(nodeFs, 'openRead', 'EIO', ([at]) => String(at).includes('/many/'));
		await device.start();
		const status = await device.settled();
		expect([status.state, status.problems.length, status.problemCount]).toEqual(['problem', 1000, 1100]);
	});

	test('is paused until it is resumed, also over a restart', async () => {
		await device.start();
		await device.settled();
		device.engine.pause();
		await device.stop();
		rmSync(device.at.path('good.txt'));
		await device.start();
		expect(device.engine.status().state).toBe('paused');
		device.engine.resume();
		expect(await device.settled()).toMatchObject({ state: 'up-to-date' });
		await device.stop();
		await device.start();
		expect(device.engine.status().state).not.toBe('paused');
	});
});
