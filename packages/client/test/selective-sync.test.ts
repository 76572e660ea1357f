import * as fs from 'node:fs';
import { thisMachine } from '../src/control/machine.ts';
import { Crash, failing, hookedFs } from './support/hooked-fs.ts';
import { RunningEngine } from './support/running-engine.ts';

let device: RunningEngine;
async function begin(drawing: Record<string, string>): Promise<void> {
	device = new RunningEngine(drawing);
	await device.start();
	await upToDate();
}
afterEach(() => device.remove());

const here = () => device.at.drawing();
const there = () => device.server.drawing();
const upToDate = async () =>
	expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [], filesToGo: 0 });
const exclude = (...paths: string[]) => device.engine.exclude(paths);
const include = (...paths: string[]) => device.engine.include(paths);

const BOX = { 'box/': '', 'box/in/': '', 'box/in/leaf': '1', 'box/two': '2' };

describe('selective sync', () => {
	test('S4: what is excluded goes here and stays on the server, and comes back when it is included', async () => {
		await begin({ 'box/in/leaf': '1', 'box/two': '2', plan: '3' });
		expect(exclude('box')).toEqual([{ path: 'box', isOnServer: true }]);
		await upToDate();
		expect(device.engine.status().excluded).toBe(1);
		expect(here()).toEqual({ plan: '3' });
		expect(there()).toEqual({ ...BOX, plan: '3' });
		device.server.write('box/three', '4');
		await upToDate();
		expect(here()).toEqual({ plan: '3' });
		expect(include('box')).toEqual([]);
		await upToDate();
		expect(here()).toEqual({ 'box/in/leaf': '1', 'box/two': '2', 'box/three': '4', plan: '3' });
	});

	test('P5: what is not on the server yet is sent first', async () => {
		await begin({ 'box/in/leaf': '1' });
		device.at.draw({ 'box/in/leaf': 'edited', 'box/new': 'new' });
		exclude('box');
		await upToDate();
		expect(here()).toEqual({});
		expect(there()).toEqual({ 'box/': '', 'box/in/': '', 'box/in/leaf': 'edited', 'box/new': 'new' });
	});

	test('it is the thing that is excluded, not its name: moved elsewhere it stays so, and a new one of its name is another', async () => {
		await begin({ 'box/in/leaf': '1', 'shelf/': '' });
		exclude('box');
		await upToDate();
		device.at.draw({ 'box/mine': 'mine' });
		await upToDate();
		const copies = Object.keys(here()).filter((path) => path.startsWith('box (conflicted copy, laptop, '));
		expect(copies).toEqual([expect.stringMatching(/\)\/mine$/)]);
		device.server.move('box', 'shelf/crate');
		await upToDate();
		expect(device.engine.exclude([])).toEqual([{ path: 'shelf/crate', isOnServer: true }]);
		expect(Object.keys(here())).toEqual(expect.arrayContaining(['shelf/']));
		include('shelf/crate');
		await upToDate();
		expect(here()).toMatchObject({ 'shelf/crate/in/leaf': '1' });
	});

	test('what is moved into it elsewhere goes here, and what is moved out of it comes, with all that is in it', async () => {
		await begin({ 'box/in/leaf': '1', 'out/deep/leaf': '2' });
		exclude('box');
		await upToDate();
		device.server.move('out', 'box/out');
		device.server.move('box/in', 'in');
		await upToDate();
		expect(here()).toEqual({ 'in/leaf': '1' });
		expect(there()).toMatchObject({ 'box/out/deep/leaf': '2' });
	});

	test('what is moved into it here is sent, and goes', async () => {
		await begin({ 'box/in/leaf': '1', 'out/leaf': '2' });
		exclude('box');
		fs.renameSync(device.at.path('out'), device.at.path('box/out'));
		await upToDate();
		expect(here()).toEqual({});
		expect(there()).toMatchObject({ 'box/out/leaf': '2' });
	});

	/** Of `box`, `two` is left to the server when the daemon dies, before it has written that down. */
	async function dieWhileItGoes(): Promise<void> {
		await begin({ 'box/in/leaf': '1', 'box/two': '2' });
		await device.stop();
		const dead = new Promise<void>((resolve) => {
			device.disk = hookedFs(thisMachine.fs, {
				after: ({ name, args }) => {
					if (name !== 'rename' || !String(args[0]).endsWith('/two')) return;
					device.die();
					resolve();
					throw new Crash();
				},
			});
		});
		await device.start();
		exclude('box');
		await dead;
		expect(here()).not.toHaveProperty('box/two');
		device.disk = thisMachine.fs;
	}

	test('S4 S8: a crash between the change on the disk and its record is no delete, not even when it is included at once', async () => {
		await dieWhileItGoes();
		await device.start();
		include('box');
		await upToDate();
		expect(there()).toEqual(BOX);
		expect(here()).toMatchObject({ 'box/in/leaf': '1', 'box/two': '2' });
	});

	test('S4 S8: nor when its folder cannot be listed at first', async () => {
		await dieWhileItGoes();
		let isLocked = true;
		device.disk = failing(thisMachine.fs, 'list', 'EIO', ([path]) => isLocked && path === device.at.path('box'));
		await device.start();
		include('box');
		const { problems } = await device.settled();
		expect(problems.map(({ path }) => path).sort()).toEqual(['box', 'box/in', 'box/in/leaf', 'box/two']);
		isLocked = false;
		await upToDate();
		expect(there()).toEqual(BOX);
		expect(here()).toEqual({ 'box/in/leaf': '1', 'box/two': '2' });
	});

	test('S4: what a person deletes here while it is excluded stays on the server', async () => {
		await begin({ 'box/two': '2', 'box/in/leaf': '1' });
		await device.stop();
		fs.rmSync(device.at.path('box'), { recursive: true });
		await device.start();
		exclude('box');
		await upToDate();
		include('box');
		await upToDate();
		expect(there()).toEqual(BOX);
		expect(here()).toEqual({ 'box/two': '2', 'box/in/leaf': '1' });
	});

	test('S11: it survives a restart, and a lost database', async () => {
		await begin({ 'box/two': '2', 'box/in/leaf': '1', plan: '3' });
		exclude('box');
		await upToDate();
		await device.stop();
		device.loseState();
		await device.start();
		await upToDate();
		expect(here()).toEqual({ plan: '3' });
		expect(there()).toEqual({ ...BOX, plan: '3' });
	});

	test('a file that a program writes in the very moment is sent, and goes then', async () => {
		await begin({ plan: '1' });
		await device.stop();
		let isDone = false;
		device.disk = hookedFs(thisMachine.fs, {
			before: ({ name, args }) => {
				if (isDone || name !== 'rename' || !String(args[0]).endsWith('/plan')) return;
				isDone = true;
				fs.writeFileSync(device.at.path('plan'), 'in the very moment');
			},
		});
		await device.start();
		exclude('plan');
		await upToDate();
		expect(Object.values(there())).toContain('in the very moment');
		expect(isDone).toBe(true);
	});

	test('a folder with something ignored in it stays here for that alone', async () => {
		await begin({ '.mydropboxignore': '*.tmp', 'box/two': '2', 'box/a.tmp': '3' });
		exclude('box');
		await upToDate();
		expect(here()).toEqual({ '.mydropboxignore': '*.tmp', 'box/a.tmp': '3' });
		expect(there()).toEqual({ '.mydropboxignore': '*.tmp', 'box/': '', 'box/two': '2' });
		include('box');
		await upToDate();
		expect(here()).toEqual({ '.mydropboxignore': '*.tmp', 'box/a.tmp': '3', 'box/two': '2' });
	});

	test('a folder that is deleted here while something excluded is in it comes back empty', async () => {
		await begin({ 'box/in/leaf': '1' });
		exclude('box/in');
		await upToDate();
		fs.rmdirSync(device.at.path('box'));
		await upToDate();
		expect(here()).toEqual({ 'box/': '' });
		expect(there()).toEqual({ 'box/': '', 'box/in/': '', 'box/in/leaf': '1' });
	});

	test('what cannot be excluded or included is said, and nothing is changed', async () => {
		await begin({ 'box/in/leaf': '1' });
		expect(() => exclude('box', 'nowhere')).toThrow('There is no nowhere on the server.');
		expect(() => exclude('')).toThrow('The folder itself cannot be excluded.');
		expect(() => exclude('.mydropbox')).toThrow('There is no .mydropbox on the server.');
		expect(() => include('box')).toThrow('box is not excluded here.');
		expect(exclude()).toEqual([]);
		exclude('box');
		expect(() => include('box/in')).toThrow('box/in is excluded with box, as a whole.');
		await upToDate();
		device.server.deleteAt('box');
		await upToDate();
		expect(exclude()).toEqual([{ path: 'box', isOnServer: false }]);
		expect(() => exclude('box')).toThrow('There is no box on the server.');
		expect(include('box')).toEqual([]);
	});

	test('a list that cannot be read is told, instead of bringing everything here', async () => {
		await begin({ plan: '1' });
		await device.stop();
		fs.writeFileSync(`${device.at.dir}/excluded.json`, '[{');
		await expect(device.start()).rejects.toThrow('the list of what is excluded, cannot be read');
	});
});
