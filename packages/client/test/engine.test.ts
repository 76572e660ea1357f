import * as fs from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import type { ContentHash, Mtime, Name, NodeId, Operation, Rev } from '@mydropbox/protocol';
import { contentOf } from '@mydropbox/protocol/content';
import { pino } from 'pino';
import { SyncEngine } from '../src/control/engine.ts';
import { type Machine, thisMachine } from '../src/control/machine.ts';
import type { WatcherOptions } from '../src/watch/watcher.ts';
import { directDisk } from './support/direct-disk.ts';
import { FakeServer } from './support/fake-server.ts';
import { TestFolder } from './support/folder.ts';
import { type Call, hookedFs } from './support/hooked-fs.ts';
import { NAMESPACE } from './support/ids.ts';

let at: TestFolder;
let server: FakeServer;
let engine: SyncEngine;
let watching: WatcherOptions;
/** When hints would come for everything. */
let watched: Promise<void>;
/** Called before and after each call of the disk. */
let look: (call: Call) => void;

const machine: Machine = {
	...thisMachine,
	newDisk: () => directDisk(hookedFs(thisMachine.fs, { before: (call) => look(call), after: (call) => look(call) })),
	newWatcher: (options) => {
		watching = options;
		return { start: () => watched, close: async () => undefined };
	},
};
const start = async () => {
	const traffic = { bytesSent: 0, bytesReceived: 0 };
	const log = pino({ level: 'silent' });
	const { folder, dir: stateDir } = at;
	engine = new SyncEngine(
		{ folder, stateDir, excludedFile: none, deviceName: 'laptop', namespace: NAMESPACE, server, traffic, log },
		machine,
	);
	await engine.start();
};
const none = { read: () => [], write: () => undefined };
const settled = () => engine.settled(AbortSignal.timeout(20_000));
const shown = (state: string) =>
	new Promise<void>((resolve) => {
		const end = engine.onStatus((status) => {
			if (status.state !== state) return;
			end();
			resolve();
		});
	});

beforeEach(() => {
	at = new TestFolder();
	fs.rmSync(at.path('.mydropbox'), { recursive: true });
	server = new FakeServer();
	watched = Promise.resolve();
	look = () => undefined;
});
afterEach(async () => {
	await engine.stop();
	at.remove();
});

const missing = (name: string, id: string) => ({
	id: id.repeat(32) as NodeId,
	name: name as Name,
	kind: 'file' as const,
	content: id.repeat(64) as ContentHash,
	size: 5,
	mtime: '0' as Mtime,
	exec: false,
});

describe('sync engine', () => {
	test('brings to the server what is in the folder, and says so', async () => {
		at.draw({ 'a/b.txt': 'text', link: '→ a' });
		await start();
		expect(await settled()).toMatchObject({ state: 'up-to-date', filesToGo: 0, problems: [] });
		expect(server.drawing()).toEqual({ 'a/': '', 'a/b.txt': 'text', link: '→ a' });
	});

	test('at its start looks at everything once, when it is watched', async () => {
		at.draw({ 'a.txt': 'a', 'deep/b.txt': 'b' });
		const watching = Promise.withResolvers<void>();
		watched = watching.promise;
		const listed: string[] = [];
		look = ({ name, args: [path] }) => {
			if (name === 'list' && !String(path).includes('.mydropbox')) listed.push(String(path));
		};
		await start();
		await immediate();
		expect(listed).toEqual([]);
		watching.resolve();
		await shown('up-to-date');
		// Before and after each call.
		expect(listed).toEqual([at.folder, at.folder, at.path('deep'), at.path('deep')]);
	});

	test('S6: a save while the one before is being sent is no conflict', async () => {
		at.draw({ plan: 'first' });
		await start();
		await settled();
		server.onCommit = () => {
			server.onCommit = () => undefined;
			fs.writeFileSync(at.path('plan'), 'third');
			watching.onHint('');
		};
		server.loseAnswer = true;
		fs.writeFileSync(at.path('plan'), 'second');
		expect(await settled()).toMatchObject({ state: 'up-to-date' });
		expect(at.drawing()).toEqual({ plan: 'third' });
		expect(server.drawing()).toEqual({ plan: 'third' });
	});

	test('S6: a name that only makes room is nobody’s wish, even when the server refuses what was to follow', async () => {
		at.draw({ one: '1', two: '2' });
		await start();
		await settled();
		const { commit } = server;
		server.commit = (request, options) => {
			server.commit = commit;
			const stale = (operation: Operation) => ({ ...operation, base: 0 as Rev });
			const operations = [...request.operations.slice(0, 2), ...request.operations.slice(2).map(stale)];
			return commit({ ...request, operations }, options);
		};
		fs.renameSync(at.path('one'), at.path('aside'));
		fs.renameSync(at.path('two'), at.path('one'));
		fs.renameSync(at.path('aside'), at.path('two'));
		await settled();
		expect(at.drawing()).toEqual({ one: '2', two: '1' });
		expect(server.drawing()).toEqual({ one: '2', two: '1' });
	});

	test('S6: what was written here while a move was on its way is agreed on when the server tells of the move', async () => {
		at.draw({ plan: 'first' });
		await start();
		await settled();
		const { commit } = server;
		server.commit = async (request, options) => {
			server.commit = commit;
			const answer = await commit(request, options);
			while (at.drawing()['plan 2'] !== 'second') await immediate();
			server.write('plan 2', 'third');
			return answer;
		};
		server.write('plan', 'second');
		fs.renameSync(at.path('plan'), at.path('plan 2'));
		await settled();
		expect(at.drawing()).toEqual({ 'plan 2': 'third' });
		expect(server.drawing()).toEqual({ 'plan 2': 'third' });
	});

	test('S3: what the server moved here, and deletes in the middle of that, is not saved from the delete', async () => {
		at.draw({ plan: 'text' });
		await start();
		await settled();
		const { contents, changes } = server;
		const { promise: heard, resolve: hasHeard } = Promise.withResolvers<void>();
		server.onCommit = () => {
			server.onCommit = () => undefined;
			server.deleteAt('dir/plan');
			server.changes = async (request, options) => {
				const answer = await changes(request, options);
				if (answer.namespaces[0]?.changes.some(({ kind }) => kind === 'deleted')) setImmediate(hasHeard);
				return answer;
			};
		};
		server.contents = async (request, options) => {
			await heard;
			return contents(request, options);
		};
		fs.mkdirSync(at.path('mine'));
		watching.onHint('');
		server.put({ id: 'd'.repeat(32) as NodeId, name: 'dir', kind: 'folder' });
		server.write('early', 'early');
		server.move('plan', 'dir/plan');
		await settled();
		expect(at.drawing()).toEqual({ 'dir/': '', early: 'early', 'mine/': '' });
		expect(server.drawing()).toEqual({ 'dir/': '', early: 'early', 'mine/': '' });
	});

	test('S5: a file that was renamed here, and makes room for another one there, is not renamed back', async () => {
		at.draw({ plan: 'mine', other: 'theirs' });
		await start();
		await settled();
		fs.renameSync(at.path('plan'), at.path('new'));
		watching.onHint('');
		server.move('other', 'new');
		await settled();
		const copy = `new (conflicted copy, laptop, ${new Date().toISOString().slice(0, 10)})`;
		expect(at.drawing()).toEqual({ new: 'theirs', [copy]: 'mine' });
		expect(server.drawing()).toEqual({ new: 'theirs', [copy]: 'mine' });
	});

	test('S7: a name that another device gives to a new file is never empty here', async () => {
		at.draw({ deleted: 'old', renamed: 'old' });
		await start();
		await settled();
		const names = ['deleted', 'renamed'].map((name) => at.path(name));
		look = () => expect(names.filter((name) => !fs.existsSync(name))).toEqual([]);
		server.deleteAt('deleted');
		server.move('renamed', 'earlier');
		server.write('deleted', 'new');
		server.write('renamed', 'new');
		await settled();
		const both = { deleted: 'new', renamed: 'new', earlier: 'old' };
		expect([server.drawing(), at.drawing()]).toEqual([both, both]);
	});

	test('S1: a save that never reached the server is not taken for part of what another device has deleted', async () => {
		at.draw({ plan: 'first' });
		await start();
		await settled();
		const [id] = server.nodes.keys();
		server.loseCommit = true;
		fs.writeFileSync(at.path('plan'), 'second');
		watching.onHint('');
		await shown('offline');
		server.delete(id as NodeId);
		await settled();
		expect(at.drawing()).toEqual({ plan: 'second' });
		expect(server.drawing()).toEqual({ plan: 'second' });
	});

	test('S3: what another device has deleted does not come back when the answer to its last commit was lost', async () => {
		at.draw({ plan: 'first' });
		await start();
		await settled();
		const [id] = server.nodes.keys();
		server.loseAnswer = true;
		server.onCommit = () => {
			server.onCommit = () => undefined;
			server.delete(id as NodeId);
		};
		fs.writeFileSync(at.path('plan'), 'second');
		await settled();
		expect(at.drawing()).toEqual({});
		expect(server.drawing()).toEqual({});
	});

	test('S4: a folder that came back from a backup while nobody looked deletes nothing', async () => {
		at.draw({ old: 'old', young: 'young' });
		await start();
		await settled();
		await engine.stop();
		fs.cpSync(at.folder, `${at.folder}-copy`, { recursive: true });
		fs.rmSync(at.folder, { recursive: true });
		fs.renameSync(`${at.folder}-copy`, at.folder);
		fs.rmSync(at.path('young'));
		await start();
		await settled();
		expect(at.drawing()).toEqual({ old: 'old', young: 'young' });
		expect(server.drawing()).toEqual({ old: 'old', young: 'young' });
	});

	test('one content that the server has lost stops no other file', async () => {
		const content = contentOf([]);
		server.contentsByHash.set(content.hash, content);
		server.put(missing('lost', 'a'));
		server.put({ ...missing('empty', 'b'), content: content.hash, size: 0 });
		await start();
		const status = await settled();
		expect(status.state).toBe('problem');
		expect(status.problems).toMatchObject([{ path: 'lost', reason: 'The server cannot deliver the content now.' }]);
		expect(at.drawing()).toEqual({ empty: '' });
	});

	test('S18: is offline as long as nobody answers, whatever happens here, and back without being asked', async () => {
		await start();
		await settled();
		server.down = true;
		server.wake();
		await shown('offline');
		watching.onHint('');
		await Promise.race([
			shown('up-to-date').then(() => expect('up-to-date').toBe('offline')),
			shown('syncing'),
			shown('offline'),
		]);
		expect(engine.status().state).not.toBe('up-to-date');
		server.down = false;
		await shown('up-to-date');
	});

	test('a missing folder is told to whoever waits', async () => {
		await start();
		await settled();
		fs.renameSync(at.folder, `${at.folder}-away`);
		expect(await settled()).toMatchObject({ state: 'problem', problems: [{ path: '' }] });
	});

	test('stopping answers whoever waits', async () => {
		server.down = true;
		await start();
		const waiting = expect(settled()).rejects.toThrow('stopping');
		await engine.stop();
		await waiting;
	});

	test('trouble with the watcher does not look like trouble with the sync', async () => {
		await start();
		watching.onTrouble(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
		at.draw({ 'unseen.txt': 'x' });
		expect(await settled()).toMatchObject({ state: 'problem', problems: [{ path: '' }] });
		expect(server.drawing()).toEqual({ 'unseen.txt': 'x' });
	});
});
