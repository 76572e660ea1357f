import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Mtime, Name, NodeId, Rev } from '@mydropbox/protocol';
import { BlockSplitter } from '@mydropbox/protocol/content';
import type { Version } from '@mydropbox/sync-engine';
import { Changes } from '../src/control/changes.ts';
import { halfMoves, noteApplying, settleApplying } from '../src/control/unfinished.ts';
import { publish } from '../src/fs/jobs/publish.ts';
import { recover, undoHalfMoves } from '../src/fs/jobs/recover.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { DiskNames } from '../src/names/disk-names.ts';
import { Spellings } from '../src/names/spellings.ts';
import { ANY_NAME } from '../src/names/traits.ts';
import { nodeOf } from '../src/scan/entry-node.ts';
import { sqliteTables } from '../src/state/sqlite/tables.ts';
import { Store } from '../src/state/store.ts';
import { type Drawing, TestFolder } from './support/folder.ts';
import { type Call, Crash, crashing, failing, type Hooks, hookedFs } from './support/hooked-fs.ts';
import { NAMESPACE } from './support/ids.ts';
import { restrictedFs } from './support/restricted-fs.ts';
import { RunningEngine } from './support/running-engine.ts';

let at: TestFolder;
let store: Store;
let names: DiskNames;
let disk: Fs;
function open(drawing: Drawing = {}, diskOf: (folder: string) => Fs = () => nodeFs): void {
	at = new TestFolder(drawing);
	disk = diskOf(at.folder);
	names = new DiskNames(disk, at.path('.mydropbox'), at.tempDir);
	names.learn();
	store = new Store(sqliteTables(join(at.dir, 'state.db')), NAMESPACE);
}
function close(): void {
	store.close();
	at.remove();
}
const devices: RunningEngine[] = [];
function running(drawing: Drawing = {}): RunningEngine {
	const device = new RunningEngine(drawing);
	devices.push(device);
	return device;
}
/** In step with its server, and stopped. */
async function inStep(drawing: Drawing): Promise<RunningEngine> {
	const device = running(drawing);
	await device.start();
	await device.settled();
	await device.stop();
	return device;
}
beforeEach(() => open());
afterEach(async () => {
	for (const device of devices.splice(0)) await device.remove();
	close();
});

const ID = 'a'.repeat(32) as NodeId;
const SIGNATURE = { device: 'laptop', date: '2026-11-21' };
const OTHER = 'b'.repeat(32) as NodeId;
const NEW = 'c'.repeat(32) as NodeId;
const EXACT = '1600000000123456789' as Mtime;
const version = (text: string, mtime = EXACT): Version => {
	const splitter = new BlockSplitter();
	for (const _ of [...splitter.push(Buffer.from(text)), ...splitter.end()]);
	const { hash, size } = splitter.content();
	return { kind: 'file', content: hash, size, mtime, exec: false };
};
const settle = (): NodeId[] =>
	settleApplying(
		store,
		() => false,
		() => NEW,
	);
function diedAlready(dying: Fs): boolean {
	try {
		dying.stat('/');
		return false;
	} catch {
		return true;
	}
}
const place = (name: string) => ({ parent: store.root, name: name as Name });
/** A node as the scanner and the reader would have it after the crash. */
function found(id: NodeId, name: string, text: string | null): void {
	// Node sets times with doubles: to the microsecond, and up to half of one too late.
	const mtime = '1600000000123456950' as Mtime;
	const read = text === null ? { ...version(''), content: null } : version(text, mtime);
	const disk = { name, identity: `1:${id}`, stamp: 'stamp', mtime, racy: false };
	store.local.set({ id, ...place(name), version: read as Version, disk });
}
function agreed(id: NodeId, name: string, text: string): void {
	store.synced.set({ id, ...place(name), version: version(text) });
	store.remote.set({ id, ...place(name), version: version(text), rev: 1 as Rev });
	found(id, name, text);
}

describe('work that a crash has cut off', () => {
	test('P3: new times that are not there yet are not agreed on, near as the old ones may be', () => {
		const [old, next] = ['1600000003000000000', '1600000004000000000'] as Mtime[];
		const disk = { name: 'plan', identity: '1:1', stamp: 'stamp', mtime: '1600000003000000476' as Mtime, racy: false };
		store.synced.set({ id: ID, ...place('plan'), version: version('same', old) });
		store.local.set({ id: ID, ...place('plan'), version: version('same', old), disk });
		noteApplying({ type: 'write', id: ID, place: place('plan'), version: version('same', next) }, store);
		settle();
		expect(store.synced.get(ID)?.version).toEqual(version('same', old));
		expect(store.applying.count()).toBe(0);
	});

	test('S6: a version that we had put there is agreed on, with its exact mtime', () => {
		agreed(ID, 'plan', 'first');
		noteApplying({ type: 'write', id: ID, place: place('plan'), version: version('second') }, store);
		found(ID, 'plan', null);
		// It is known by its id, and nothing else could be taken for it.
		expect(settle()).toEqual([]);
		expect(store.applying.count()).toBe(1);
		found(ID, 'plan', 'second');
		settle();
		expect(store.synced.get(ID)?.version).toEqual(version('second'));
		expect(store.local.get(ID)?.version).toEqual(version('second'));
		expect(store.applying.count()).toBe(0);
	});

	test('S3: a file that we had made has the server’s id, so that it goes when the server has deleted it since', () => {
		noteApplying({ type: 'write', id: ID, place: place('new'), version: version('text') }, store);
		found(OTHER, 'new', null);
		expect(settle()).toEqual([ID]);
		expect(store.applying.count()).toBe(1);
		found(OTHER, 'new', 'text');
		expect(settle()).toEqual([]);
		expect(store.local.get(OTHER)).toBeUndefined();
		expect(store.local.get(ID)?.version).toEqual(version('text'));
		expect(store.synced.get(ID)).toEqual({ id: ID, ...place('new'), version: version('text') });
	});

	/** Dies when something has got a path that ends like this on the disk. */
	async function dieWith(device: RunningEngine, end: string | RegExp, lastly = () => {}): Promise<void> {
		const ends = (path: unknown) =>
			typeof end === 'string' ? String(path).endsWith(`/${end}`) : end.test(String(path));
		const dead = new Promise<void>((resolve) => {
			device.disk = hookedFs(nodeFs, {
				after: ({ name, args }) => {
					if ((name !== 'link' && name !== 'rename') || !ends(args[1])) return;
					lastly();
					device.die();
					resolve();
					throw new Crash();
				},
			});
		});
		await device.start();
		await dead;
		device.disk = nodeFs;
	}

	/** A listing misses it, once. */
	function missing(name: string): { disk: Fs; wasMissed: () => boolean } {
		let wasMissed = false;
		const list: Fs['list'] = (path) => {
			const all = nodeFs.list(path);
			const entries = all.entries.filter((entry) => entry.name !== name);
			if (wasMissed || entries.length === all.entries.length) return all;
			wasMissed = true;
			return { ...all, entries };
		};
		return { disk: { ...nodeFs, list }, wasMissed: () => wasMissed };
	}

	test('S4: what somebody brings back on the server while the daemon is dead was not deleted by the one who lives here', async () => {
		const device = await inStep({ plan: 'text' });
		const plan = device.server.nodes.get(device.server.idOf('plan')!)!;
		device.server.deleteAt('plan');
		await dieWith(device, /keep-[^/]+$/);
		expect(device.at.drawing()).toEqual({});
		device.server.put(plan);
		await device.start();
		await device.settled();
		expect([device.server.drawing(), device.at.drawing()]).toEqual([{ plan: 'text' }, { plan: 'text' }]);
	});

	test('S6: what we had put over a save is ours, though a listing misses it and shows the save where it was put back', async () => {
		const device = await inStep({ plan: 'first' });
		device.server.write('plan', 'second');
		const saved = () => {
			const kept = fs.readdirSync(device.at.tempDir).find((name) => name.startsWith('keep-'))!;
			fs.writeFileSync(join(device.at.tempDir, kept), 'of a person');
		};
		await dieWith(device, 'plan', saved);
		const { disk, wasMissed } = missing('plan');
		device.disk = disk;
		await device.start();
		expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
		expect(wasMissed()).toBe(true);
		const both = { plan: 'second', [Object.keys(device.at.drawing()).find((name) => name !== 'plan')!]: 'of a person' };
		expect([device.at.drawing(), device.server.drawing()]).toEqual([both, both]);
	});

	test('S6: a file that we had made, and that the server has moved since, is one file', async () => {
		const device = running();
		device.server.write('new', 'text');
		await dieWith(device, 'new');
		device.server.move('new', 'moved');
		await device.start();
		await device.settled();
		expect(device.server.drawing()).toEqual({ moved: 'text' });
		expect(device.at.drawing()).toEqual({ moved: 'text' });
	});

	const COPY = `plan (conflicted copy, laptop, ${new Date().toISOString().slice(0, 10)})`;
	test.each([COPY, 'plan'])(
		'S6: a file that makes room for another makes it once, when the daemon dies at "%s"',
		async (at) => {
			const device = await inStep({ old: 'mine' });
			fs.renameSync(device.at.path('old'), device.at.path('plan'));
			device.server.write('plan', 'theirs');
			await dieWith(device, at);
			await device.start();
			await device.settled();
			const both = { plan: 'theirs', [COPY]: 'mine' };
			expect([device.server.drawing(), device.at.drawing()]).toEqual([both, both]);
		},
	);

	test.each(['plan', 'old plan'])(
		'S6: a new file that takes a name from another is known as ours when the daemon dies at "%s"',
		async (at) => {
			const device = await inStep({ plan: 'old' });
			device.server[at === 'plan' ? 'deleteAt' : 'move']('plan', 'old plan');
			device.server.write('plan', 'first');
			await dieWith(device, at);
			device.server.write('plan', 'second');
			await device.start();
			expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
			const both = { plan: 'second', ...(at === 'plan' ? {} : { 'old plan': 'old' }) };
			expect([device.server.drawing(), device.at.drawing()]).toEqual([both, both]);
		},
	);

	test('S6: a file that we had made is still known as ours when its folder can be listed again', async () => {
		const device = await inStep({ 'dir/old': 'text' });
		device.server.write('dir/new', 'first');
		await dieWith(device, 'new');
		device.server.write('dir/new', 'second');
		let isBroken = true;
		device.disk = failing(nodeFs, 'list', 'EIO', ([path]) => isBroken && String(path).endsWith('/dir'));
		await device.start();
		const { problems } = await device.settled();
		expect(problems.map(({ path, reason }) => [path, reason])).toEqual([
			['dir', 'The folder cannot be read (EIO).'],
			['dir/new', 'It waits for dir.'],
		]);
		isBroken = false;
		expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
		expect(device.at.drawing()).toEqual({ 'dir/old': 'text', 'dir/new': 'second' });
		expect(device.server.drawing()).toMatchObject({ 'dir/old': 'text', 'dir/new': 'second' });
	});

	test('S6: a file that we had moved has one name when its new folder can be used again', async () => {
		const device = await inStep({ 'dir/inside': '', old: 'text' });
		device.server.move('old', 'dir/new');
		await dieWith(device, 'dir/new');
		let isBroken = true;
		const inDir = ([path]: readonly unknown[]) => isBroken && /\/dir(\/|$)/.test(String(path));
		device.disk = failing(failing(nodeFs, 'list', 'EIO', inDir), 'rename', 'EIO', inDir);
		await device.start();
		await device.settled();
		isBroken = false;
		// Not a look at everything, but one at the folder alone.
		const sent = new Promise<void>((resolve) => {
			device.server.onCommit = () => resolve();
		});
		fs.writeFileSync(device.at.path('dir/inside'), 'more');
		await sent;
		expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
		const one = { 'dir/inside': 'more', 'dir/new': 'text' };
		expect(device.at.drawing()).toEqual(one);
		expect(device.server.drawing()).toEqual({ ...one, 'dir/': '' });
	});

	test.each(['new', 'old', 'gone'])(
		'S6: %s, which we had made, is known as ours when a listing misses it once',
		async (name) => {
			const device = await inStep({ old: 'text', gone: 'gone' });
			device.server.deleteAt('gone');
			device.server.write(name, 'first');
			await dieWith(device, name);
			device.server.write(name, 'second');
			const { disk, wasMissed } = missing(name);
			device.disk = disk;
			await device.start();
			expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
			expect(wasMissed()).toBe(true);
			expect(device.at.drawing()).toEqual({ old: 'text', [name]: 'second' });
			expect(device.server.drawing()).toEqual({ old: 'text', [name]: 'second' });
		},
	);

	test('S3: a move that the server had made is agreed on', () => {
		agreed(ID, 'old', 'text');
		store.remote.set({ id: ID, ...place('new'), version: version('text'), rev: 2 as Rev });
		noteApplying({ type: 'move', id: ID, place: place('new') }, store);
		found(ID, 'new', 'text');
		settle();
		expect(store.synced.get(ID)).toMatchObject(place('new'));
	});

	test('S3: a file that we had moved, and that is known anew, has its exact mtime, so that it goes when the server deletes it', () => {
		agreed(ID, 'old', 'text');
		store.local.set({ ...store.local.get(ID)!, version: version('text') });
		noteApplying({ type: 'move', id: ID, place: place('new') }, store);
		store.local.delete(ID);
		store.remote.delete(ID);
		found(OTHER, 'new', 'text');
		settle();
		const there = { id: ID, ...place('new'), version: version('text') };
		expect([store.local.get(ID), store.synced.get(ID)]).toMatchObject([there, there]);
	});

	test('P6: what a person has put where a move of ours went is no newcomer of that move', () => {
		agreed(ID, 'old', 'text');
		store.remote.set({ ...store.remote.get(ID)!, ...place('new') });
		noteApplying({ type: 'move', id: ID, place: place('new') }, store);
		store.local.delete(ID);
		found(OTHER, 'new', 'a person’s');
		expect(settle()).toEqual([]);
		expect([store.local.get(ID), store.local.get(OTHER)?.version]).toMatchObject([undefined, { size: 12 }]);
	});

	test('S1: what a person wrote since is theirs, and what had not happened is not believed', () => {
		agreed(ID, 'plan', 'first');
		agreed(OTHER, 'list', 'first');
		noteApplying({ type: 'write', id: ID, place: place('plan'), version: version('second') }, store);
		noteApplying({ type: 'write', id: OTHER, place: place('list'), version: version('second') }, store);
		found(ID, 'plan', 'a person’s');
		settle();
		expect(store.synced.get(ID)?.version).toEqual(version('first'));
		expect(store.synced.get(OTHER)?.version).toEqual(version('first'));
		expect(store.applying.count()).toBe(0);
	});

	test('S6: a file between its two names has the old one again', async () => {
		at.draw({ old: 'text', single: 'text' });
		const identity = nodeFs.stat(at.path('old'))!.identity;
		found(ID, 'old', 'text');
		store.local.set({ ...store.local.get(ID)!, disk: { ...store.local.get(ID)!.disk, identity } });
		noteApplying({ type: 'move', id: ID, place: place('new') }, store);
		fs.linkSync(at.path('old'), at.path('new'));
		await undoHalfMoves(nodeFs, at.tempDir, halfMoves(store, names, at.folder, SIGNATURE));
		expect(at.drawing()).toEqual({ old: 'text', single: 'text' });
		fs.renameSync(at.path('old'), at.path('new'));
		await undoHalfMoves(nodeFs, at.tempDir, halfMoves(store, names, at.folder, SIGNATURE));
		expect(at.drawing()).toEqual({ new: 'text', single: 'text' });
	});

	/** A file that has its new name and still its old one. @returns the calls of whoever takes the new one away again. */
	async function undoHalfMove(hooks: Hooks): Promise<Call[]> {
		at.draw({ old: 'text' });
		fs.linkSync(at.path('old'), at.path('new'));
		const { identity, stamp, size, mtime } = nodeFs.stat(at.path('old'))!;
		const file = { identity, stamp, size, mtime, content: null, target: null };
		const calls: Call[] = [];
		const before = (call: Call) => {
			hooks.before?.(call);
			calls.push(call);
		};
		await undoHalfMoves(hookedFs(nodeFs, { ...hooks, before }), at.tempDir, [
			{ from: at.path('old'), to: at.path('new'), file, isOnTheWay: false },
		]);
		return calls;
	}

	test('S6: a power cut does not bring back what nobody knows of any more', async () => {
		const calls = await undoHalfMove({});
		const last = (name: Call['name'], path: string) =>
			calls.findLastIndex((call) => call.name === name && call.args[0] === path);
		expect(last('rename', at.path('new'))).toBeGreaterThanOrEqual(0);
		expect(last('syncAll', at.tempDir)).toBeGreaterThan(last('rename', at.path('new')));
	});

	test('S1: what a person puts at the new name, at whatever moment, stays', async () => {
		const calls = await undoHalfMove({});
		for (const { number: n, name } of calls) {
			at.remove();
			at = new TestFolder();
			await undoHalfMove({
				before: ({ number }) => {
					if (number !== n) return;
					fs.writeFileSync(at.path('.swp'), 'a person’s');
					fs.renameSync(at.path('.swp'), at.path('new'));
				},
			});
			if (at.drawing().new !== 'a person’s') throw new Error(`lost when put there before call ${n} (${name})`);
			expect(at.drawing()).toMatchObject({ old: 'text' });
			expect(at.temporary()).toEqual([]);
		}
	});

	test.each<Drawing>([{ plan: 'text' }, { plan: '→ nowhere' }, { 'plan/inside': 'text' }])(
		'S6: %j, on its way to another spelling of its name, has one name whenever the daemon dies',
		async (drawing) => {
			for (let number = 0, isDead = true; isDead; number++) {
				close();
				open(drawing, (folder) => restrictedFs(folder, { ...ANY_NAME, caseInsensitive: true }));
				store.setMeta('root', disk.stat(at.folder)!.identity);
				store.local.set(nodeOf(ID, place('plan'), disk.stat(at.path('plan'))!));
				const operation = { type: 'move', id: ID, place: place('Plan') } as const;
				const changes = new Changes({ store, folder: at.folder }, new Spellings(store, names), () => SIGNATURE);
				const change = changes.for(operation, new Map())!;
				noteApplying(operation, store);
				const dying = crashing(disk, number, 'after');
				await publish(dying, at.tempDir, [change]);
				isDead = diedAlready(dying);
				recover(disk, at.tempDir, at.folder);
				await undoHalfMoves(disk, at.tempDir, halfMoves(store, names, at.folder, SIGNATURE));
				const found = Object.entries(at.drawing()).map(([name, text]) => [name.toLowerCase(), text]);
				expect([number, found]).toEqual([number, Object.entries(drawing)]);
				expect(at.temporary()).toEqual([]);
			}
			expect(at.drawing()).toEqual({ [Object.keys(drawing)[0]!.replace('plan', 'Plan')]: Object.values(drawing)[0] });
		},
	);
});
