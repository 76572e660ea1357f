import * as fs from 'node:fs';
import type { ContentHash, Mtime, Name, NodeId, Rev } from '@mydropbox/protocol';
import { blockHash, contentOf } from '@mydropbox/protocol/content';
import type { MassDeleteLimits, Plan } from '@mydropbox/sync-engine';
import { pino } from 'pino';
import { SyncEngine } from '../src/control/engine.ts';
import { type Machine, thisMachine } from '../src/control/machine.ts';
import { MassDeletes } from '../src/control/mass-deletes.ts';
import { Problems } from '../src/control/problems.ts';
import type { EngineStatus } from '../src/daemon/engine.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import type { WatcherOptions } from '../src/watch/watcher.ts';
import { directDisk } from './support/direct-disk.ts';
import { FakeServer } from './support/fake-server.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';

let at: TestFolder;
let server: FakeServer;
let engine: SyncEngine;
let watching: WatcherOptions;
/** What the clock shows more than it should, milliseconds. */
let later: number;

const machine: Machine = {
	...thisMachine,
	clock: { ...thisMachine.clock, now: () => Date.now() + later },
	newDisk: () => directDisk(thisMachine.fs),
	newWatcher: (options) => {
		watching = options;
		return { start: async () => undefined, close: async () => undefined };
	},
};
const nothingExcluded = { read: () => [], write: () => undefined };
const THREE: MassDeleteLimits = { files: 3, share: 1, shareFrom: 0 };
const start = async (massDeletes = THREE) => {
	const traffic = { bytesSent: 0, bytesReceived: 0 };
	const log = pino({ level: 'silent' });
	const { folder, dir: stateDir } = at;
	const account = { deviceName: 'laptop', namespace: NAMESPACE, server, excludedFile: nothingExcluded };
	const options = { folder, stateDir, ...account, traffic, log, massDeletes };
	engine = new SyncEngine(options, machine);
	await engine.start();
};
const restart = async () => {
	await engine.stop();
	await start();
};
const settled = () => engine.settled(AbortSignal.timeout(20_000));
const remove = (...paths: string[]) => {
	for (const path of paths) fs.rmSync(at.path(path), { recursive: true });
};
const ALBUM = { 'a/1': 'one', 'a/b/2': 'two', 'a/b/3': 'three', 'a/b/4': 'four' };
const OTHERS = { x: 'x', y: 'y', z: 'z' };
const DRAWN = { ...ALBUM, ...OTHERS };
const files = (drawing: Record<string, string>) =>
	Object.fromEntries(Object.entries(drawing).filter(([path]) => !path.endsWith('/')));
const onServer = () => files(server.drawing());

beforeEach(async () => {
	later = 0;
	at = new TestFolder();
	fs.rmSync(at.path('.mydropbox'), { recursive: true });
	server = new FakeServer();
	at.draw(DRAWN);
	await start();
	await settled();
});
afterEach(async () => {
	await engine.stop();
	at.remove();
});

describe('S4: more files than a person deletes by the way', () => {
	test('are held back, and all else goes on', async () => {
		remove('a');
		at.draw({ new: 'new' });
		const status = await settled();
		expect(status).toMatchObject({ state: 'problem', filesToGo: 6, problems: [{ path: 'a' }] });
		expect(status.heldDeletes).toMatchObject({ files: 4, folder: 'a', example: 'a/1' });
		expect(status.problems[0]!.reason).toMatch(/^4 files are gone .*a\/1/);
		expect(status.problems[0]!.nextStep).toMatch(/`mydropbox confirm`.*`mydropbox undo`/);
		expect(onServer()).toEqual({ ...DRAWN, new: 'new' });
	});

	test('as many as are allowed go without a question', async () => {
		remove('x', 'y', 'z');
		expect(await settled()).toMatchObject({ state: 'up-to-date', heldDeletes: null });
		expect(onServer()).toEqual(ALBUM);
	});

	test('count from round to round, for ten minutes', async () => {
		remove('x', 'y');
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
		remove('z', 'a/1');
		expect((await settled()).heldDeletes).toMatchObject({ files: 2, folder: '' });
		expect(onServer()).toEqual({ ...ALBUM, z: 'z' });
	});

	test('and not for longer', async () => {
		remove('x', 'y');
		await settled();
		later += 11 * 60_000;
		remove('z', 'a/1');
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
	});

	test('also count when they were let go and nobody could be told', async () => {
		server.down = true;
		server.wake();
		remove('x', 'y');
		watching.onHint('');
		await shown(({ state, filesToGo }) => state === 'offline' && filesToGo === 2);
		remove('z', 'a/1');
		await restart();
		await shown(({ heldDeletes }) => heldDeletes !== null);
		server.down = false;
		expect((await settled()).heldDeletes).toMatchObject({ files: 4 });
		expect(onServer()).toEqual(DRAWN);
	});

	test('are asked about again after a restart, even when only a few are still missing', async () => {
		remove('a');
		await settled();
		await engine.stop();
		at.draw({ 'a/1': 'one', 'a/b/2': 'two' });
		await start();
		expect(engine.status().heldDeletes).toMatchObject({ files: 4 });
		expect((await settled()).heldDeletes).toMatchObject({ files: 2, folder: 'a/b' });
		remove('x');
		expect((await settled()).heldDeletes).toMatchObject({ files: 3, folder: '' });
		expect(onServer()).toEqual(DRAWN);
	});

	test('that come back by themselves end the question, and nothing was sent', async () => {
		remove('a');
		await settled();
		const before = [...server.nodes.values()];
		at.draw(ALBUM);
		expect(await settled()).toMatchObject({ state: 'up-to-date', heldDeletes: null });
		expect([...server.nodes.values()]).toEqual(before);
	});

	test('another file of the same name is its next version', async () => {
		remove('a');
		await settled();
		at.draw({ 'a/b/2': 'another' });
		expect((await settled()).heldDeletes).toMatchObject({ files: 3 });
		expect(onServer()).toEqual({ ...DRAWN, 'a/b/2': 'another' });
	});

	test('come back where somebody has edited them meanwhile, and only there', async () => {
		remove('x', 'y', 'z', 'a/1');
		await settled();
		const bytes = Buffer.from('edited');
		const content = contentOf([{ hash: blockHash(bytes), size: bytes.length }]);
		server.contentsByHash.set(content.hash, content);
		server.blocks.set(content.blocks[0]!.hash, bytes);
		const { id } = nodeOf('x');
		server.put({ ...nodeOf('x'), id, content: content.hash as ContentHash, size: bytes.length });
		expect((await settled()).heldDeletes).toMatchObject({ files: 3 });
		expect(at.drawing()).toEqual({ 'a/b/2': 'two', 'a/b/3': 'three', 'a/b/4': 'four', x: 'edited' });
	});

	test('half of everything is many, too', async () => {
		await engine.stop();
		await start({ files: 1000, share: 0.5, shareFrom: 2 });
		remove('a');
		expect((await settled()).heldDeletes).toMatchObject({ files: 4 });
	});
});

const deleting = (id: NodeId): Plan => ({
	...{ state: [], reads: [], local: [], atRest: [], waiting: [] },
	remote: [[{ type: 'delete', id }]],
});

test('S18: a folder alone is never held back, however many files went before it', () => {
	const store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
	const version = { kind: 'folder' as const };
	const folder = { id: 'f' as NodeId, parent: store.root, name: 'f' as Name, version };
	store.synced.set(folder);
	store.remote.set({ ...folder, rev: 1 as Rev });
	for (const id of ['1', '2'] as NodeId[]) {
		const gone = { kind: 'symlink' as const, target: '/', mtime: '0' as Mtime };
		const at = machine.clock.now();
		store.deletes.set({ id, parent: store.root, name: id as string as Name, version: gone, standing: 'let-go', at });
	}
	const context = { store, problems: new Problems(machine.clock), log: pino({ level: 'silent' }) };
	const deletes = new MassDeletes(context, machine.clock, { files: 1, share: 1, shareFrom: 0 });
	expect(deletes.allows(deleting(folder.id), false)).toBe(true);
	expect([deletes.waiting, deletes.question]).toEqual([new Set(), null]);
	store.close();
});

test('deletes wait for others that seem to be under way, but not for ever', () => {
	const store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
	const node = { id: 'n' as NodeId, parent: store.root, name: 'n' as Name, version: { kind: 'folder' as const } };
	store.synced.set(node);
	store.remote.set({ ...node, rev: 1 as Rev });
	const context = { store, problems: new Problems(machine.clock), log: pino({ level: 'silent' }) };
	const deletes = new MassDeletes(context, machine.clock, THREE);
	const plan = deleting(node.id);
	expect(deletes.allows(plan, true)).toBe(false);
	expect(deletes.waiting).toEqual(new Set([node.id]));
	deletes.beginRound();
	expect(deletes.waiting).toEqual(new Set());
	later += 5000;
	expect(deletes.allows(plan, true)).toBe(true);
	store.close();
});

describe('confirm', () => {
	test('deletes them everywhere, also when the daemon ends before it could', async () => {
		remove('a');
		await settled();
		server.down = true;
		engine.confirmDeletes();
		expect(engine.status()).toMatchObject({ heldDeletes: null, problems: [] });
		await restart();
		server.down = false;
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
		expect(server.drawing()).toEqual(OTHERS);
	});

	test('says nothing about what is deleted later', async () => {
		remove('a/b');
		remove('x');
		await settled();
		server.down = true;
		engine.confirmDeletes();
		at.draw({ 'a/b/2': 'two', 'a/b/3': 'three', 'a/b/4': 'four' });
		await restart();
		server.down = false;
		await settled();
		remove('a', 'y');
		expect((await settled()).heldDeletes).toMatchObject({ files: 5 });
		expect(onServer()).toEqual({ ...ALBUM, y: 'y', z: 'z' });
	});

	test('leaves room for as many as before', async () => {
		at.draw({ w: 'w' });
		remove('x');
		await settled();
		remove('a');
		await settled();
		engine.confirmDeletes();
		await settled();
		remove('w', 'y', 'z');
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
		expect(server.drawing()).toEqual({});
	});

	test('without a question changes nothing', async () => {
		engine.confirmDeletes();
		remove('a');
		expect((await settled()).heldDeletes).toMatchObject({ files: 4 });
	});
});

describe('undo', () => {
	test('brings them back, also when the daemon ends before it could', async () => {
		remove('a');
		await settled();
		server.down = true;
		engine.undoDeletes();
		expect(engine.status()).toMatchObject({ heldDeletes: null, problems: [] });
		await restart();
		server.down = false;
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
		expect(at.drawing()).toEqual(DRAWN);
		expect(onServer()).toEqual(DRAWN);
	});
});

const nodeOf = (name: string) => {
	const node = [...server.nodes.values()].find((each) => each.kind === 'file' && each.name === (name as Name));
	return node as { readonly id: NodeId } & Readonly<Record<string, unknown>>;
};
const shown = (isIt: (status: EngineStatus) => boolean) =>
	new Promise<void>((resolve) => {
		const end = engine.onStatus((status) => {
			if (!isIt(status)) return;
			end();
			resolve();
		});
	});
