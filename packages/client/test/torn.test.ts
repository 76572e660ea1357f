import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Name, NodeId, Rev } from '@mydropbox/protocol';
import { BlockSplitter } from '@mydropbox/protocol/content';
import { pino } from 'pino';
import type { Context } from '../src/control/context.ts';
import { findTorn } from '../src/control/torn.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { nodeOf } from '../src/scan/entry-node.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import { directDisk } from './support/direct-disk.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';

let at: TestFolder;
let store: Store;
beforeEach(() => {
	at = new TestFolder({ torn: 'zeros', whole: 'bytes', edited: 'later', mine: 'zeros' });
	store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
});
afterEach(() => {
	store.close();
	at.remove();
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
		const log = pino({ level: 'silent' });
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
});
