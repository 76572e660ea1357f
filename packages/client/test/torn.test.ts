import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Name, NodeId, Rev } from '@mydropbox/protocol';
import { BlockSplitter } from '@mydropbox/protocol/content';
import { pino } from 'pino';
import type { Context } from '../src/control/context.ts';
import { findTorn } from '../src/control/torn.ts';
import type { DiskEntry } from '../src/fs/entry.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { nodeOf } from '../src/scan/entry-node.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import { directDisk } from './support/direct-disk.ts';
import { TestFolder } from './support/folder.ts';
import { failing } from './support/hooked-fs.ts';
import { NAMESPACE } from './support/ids.ts';
import { RunningEngine } from './support/running-engine.ts';

const log = pino({ level: 'silent' });
let at: TestFolder;
let store: Store;
let running: RunningEngine | undefined;
beforeEach(() => {
	at = new TestFolder({ torn: 'zeros', whole: 'bytes', edited: 'later', mine: 'zeros' });
	store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
});
afterEach(async () => {
	store.close();
	at.remove();
	await running?.remove();
});

function hashOf(text: string) {
	const splitter = new BlockSplitter();
	for (const _ of [...splitter.push(Buffer.from(text)), ...splitter.end()]);
	return splitter.content().hash;
}

/** The file as it was read before the power went off; what is on the disk has the same times. */
function known(name: string, text: string, isOnServer = true): NodeId {
	const id = name.repeat(32).slice(0, 32) as NodeId;
	const entry = nodeFs.stat(join(at.folder, name))!;
	const version = { kind: 'file', content: hashOf(text), size: 5, mtime: entry.mtime, exec: false } as const;
	const place = { parent: store.root, name: name as Name };
	store.local.set(nodeOf(id, place, entry, version));
	if (isOnServer) {
		store.synced.set({ id, ...place, version });
		store.remote.set({ id, ...place, version, rev: 1 as Rev });
	}
	return id;
}

const contentIn = (tree: 'local' | 'synced' | 'remote', id: NodeId) =>
	(store[tree].get(id)?.version as { content?: string } | undefined)?.content;

describe('files whose bytes a power cut has taken', () => {
	test('S2: the server’s version is newer than what the disk has made of it', async () => {
		const [torn, whole, mine] = [known('torn', 'bytes'), known('whole', 'bytes'), known('mine', 'bytes', false)];
		const edited = known('edited', 'bytes');
		fs.writeFileSync(at.path('edited'), 'later');
		await findTorn({ store, disk: directDisk(nodeFs), folder: at.folder, log } as unknown as Context);
		expect(contentIn('local', torn)).toBe(hashOf('zeros'));
		expect(contentIn('synced', torn)).toBe(hashOf('zeros'));
		expect(contentIn('remote', torn)).toBe(hashOf('bytes'));
		expect(contentIn('local', whole)).toBe(hashOf('bytes'));
		// A person has written to it since: that is for the scanner.
		expect(contentIn('local', edited)).toBe(hashOf('bytes'));
		expect(contentIn('synced', edited)).toBe(hashOf('bytes'));
		// What nobody else has can only be taken as it is.
		expect(contentIn('local', mine)).toBe(hashOf('zeros'));
		expect(store.synced.get(mine)).toBeUndefined();
	});

	test('what cannot be read now is read again when it can be', async () => {
		const id = known('torn', 'bytes');
		const disk = directDisk(failing(nodeFs, 'openRead', 'EIO', () => true));
		await findTorn({ store, disk, folder: at.folder, log } as unknown as Context);
		expect(contentIn('local', id)).toBeNull();
		expect(contentIn('synced', id)).toBe(hashOf('bytes'));
	});

	test('S2, S4: also where the power cut takes the move of its folder back; what is deleted later was deleted by a person', async () => {
		running = new RunningEngine({ 'from/torn': 'whole', 'from/other': 'other' });
		await running.start();
		await running.settled();
		fs.renameSync(running.at.path('from'), running.at.path('to'));
		await running.settled();
		await running.stop();
		// The folder says that it is older than the database.
		fs.rmSync(running.at.path('.mydropbox/changes'));
		fs.renameSync(running.at.path('to'), running.at.path('from'));
		const file = running.at.path('from/torn');
		const before = nodeFs.stat(file)!;
		fs.writeFileSync(file, 'zeros');
		running.disk = withOldTimes(before);
		await running.start();
		await running.settled();
		expect(running.at.drawing()).toEqual({ 'from/torn': 'whole', 'from/other': 'other' });
		expect(running.server.drawing()).toEqual({ 'from/': '', 'from/torn': 'whole', 'from/other': 'other' });
		fs.rmSync(running.at.path('from/other'));
		await running.settled();
		expect(running.server.drawing()).toEqual({ 'from/': '', 'from/torn': 'whole' });
	});

	test('S4: what it has taken in a folder that cannot be listed yet was not deleted by a person either', async () => {
		running = new RunningEngine({ 'dir/lost': 'text', 'dir/other': 'other' });
		await running.start();
		await running.settled();
		await running.stop();
		fs.rmSync(running.at.path('.mydropbox/changes'));
		fs.rmSync(running.at.path('dir/lost'));
		let isBroken = true;
		running.disk = failing(nodeFs, 'list', 'EIO', ([path]) => isBroken && String(path).endsWith('/dir'));
		await running.start();
		await running.settled();
		isBroken = false;
		await running.settled();
		// By now the look is over, and what could not be read meanwhile is tried again.
		await running.settled();
		expect(running.at.drawing()).toEqual({ 'dir/lost': 'text', 'dir/other': 'other' });
		fs.rmSync(running.at.path('dir/other'));
		await running.settled();
		expect(running.server.drawing()).toEqual({ 'dir/': '', 'dir/lost': 'text' });
	});
});

/** A disk that shows one file as it was, whatever it holds. */
function withOldTimes(old: DiskEntry): Fs {
	const shown = (entry: DiskEntry): DiskEntry =>
		entry.identity === old.identity ? { ...old, name: entry.name, links: entry.links } : entry;
	return {
		...nodeFs,
		stat: (path) => {
			const entry = nodeFs.stat(path);
			return entry && shown(entry);
		},
		list: (path) => {
			const { entries, unreachable } = nodeFs.list(path);
			return { entries: entries.map(shown), unreachable };
		},
	};
}
