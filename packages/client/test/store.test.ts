import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { ContentHash, Name, NamespaceId, NodeId, Rev } from '@mydropbox/protocol';
import { blockHash, contentOf } from '@mydropbox/protocol/content';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { LocalNode } from '../src/state/nodes.ts';
import { prepareSchema } from '../src/state/sqlite/schema.ts';
import { sqliteTables } from '../src/state/sqlite/tables.ts';
import { Store } from '../src/state/store.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';

let at: TestFolder;
let file: string;
let store: Store;
beforeEach(() => {
	at = new TestFolder();
	file = join(at.dir, 'state.db');
	store = new Store(sqliteTables(file), NAMESPACE);
});
afterEach(() => {
	store.close();
	at.remove();
});

const id = (text: string) => text as NodeId;
const folder = (name: string, parent = store.root as string): TreeNode => ({
	id: id(name),
	parent: id(parent),
	name: name as Name,
	version: { kind: 'folder' },
});
const onDisk = (node: TreeNode): LocalNode => ({
	...node,
	disk: { name: node.name, identity: `i-${node.id}`, stamp: '', mtime: '0' as never, racy: false },
});
const reopen = () => {
	store.close();
	store = new Store(sqliteTables(file), NAMESPACE);
};

describe('store', () => {
	test('knows after any restart what is not alike in the three trees', () => {
		const [alike, moved, mine, theirs] = ['alike', 'moved', 'mine', 'theirs'].map((name) => folder(name));
		for (const node of [alike!, moved!]) {
			store.synced.set(node);
			store.local.set(onDisk(node));
		}
		store.remote.set({ ...alike!, rev: 1 as Rev });
		store.remote.set({ ...moved!, name: 'elsewhere' as Name, rev: 2 as Rev });
		store.local.set(onDisk(mine!));
		store.remote.set({ ...theirs!, rev: 3 as Rev });
		reopen();
		expect([...store.dirty].sort()).toEqual(['mine', 'moved', 'theirs']);
	});

	test('does all of a transaction or nothing', () => {
		expect(() =>
			store.transaction(() => {
				store.synced.set(folder('a'));
				throw new Error('the disk is full');
			}),
		).toThrow('the disk is full');
		expect(store.synced.get(id('a'))).toBeUndefined();
	});

	test('S11: what was agreed on with another folder, or another life of the server, is no evidence', () => {
		const node = folder('a');
		const fill = () => {
			store.synced.set(node);
			store.sent.set({ ...node, rev: 1 as Rev });
			store.remote.set({ ...node, rev: 1 as Rev });
			store.local.set(onDisk(node));
		};
		fill();
		store.beginFolder('another', 0);
		expect([store.local, store.synced, store.sent].map((tree) => tree.count())).toEqual([0, 0, 0]);
		expect(store.remote.count()).toBe(1);
		fill();
		store.resetRemote();
		expect([store.remote, store.synced, store.sent].map((tree) => tree.count())).toEqual([0, 0, 0]);
		expect(store.local.count()).toBe(1);
	});

	test('a node that takes the server’s id keeps what is in it', () => {
		store.local.set(onDisk(folder('mine')));
		for (const child of ['child', 'newcomer']) store.local.set(onDisk(folder(child, 'mine')));
		store.synced.set(folder('child', 'mine'));
		store.synced.set(folder('newcomer', 'elsewhere'));
		store.applyState({ type: 'adopt', local: id('mine'), remote: id('theirs') });
		expect(store.diskPath(id('child'))).toBe('mine/child');
		expect(store.local.get(id('child'))?.parent).toBe('theirs');
		expect(store.diskPath(id('mine'))).toBeUndefined();
		const agreed = ['child', 'newcomer'].map((child) => store.synced.get(id(child))?.parent);
		expect(agreed).toEqual(['theirs', 'elsewhere']);
	});

	test('refuses the state of another account, and of a newer version', () => {
		expect(() => new Store(sqliteTables(file), '1'.repeat(32) as NamespaceId)).toThrow('another account');
	});

	test('takes over what version 5 had sent and was making', () => {
		const old = join(at.dir, 'old.db');
		const db = new DatabaseSync(old);
		prepareSchema(db, 5);
		db.exec(`
			insert into sent values
				('file', 'p', 'a "b"', 'file', 'hash', 1099511627776, '1700000000000000001', 1, null, 7),
				('link', 'p', 'l', 'symlink', null, null, '0', null, '../x', null);
			insert into applying values ('folder', 'p', 'f', 'folder', null, null, null, null, null, 'place')`);
		db.close();
		const tables = sqliteTables(old)(new Set());
		const file = { kind: 'file', content: 'hash', size: 2 ** 40, mtime: '1700000000000000001', exec: true };
		expect(tables.sent.ids().map((one) => tables.sent.get(one))).toEqual([
			{ id: 'file', parent: 'p', name: 'a "b"', version: file, rev: 7 },
			{ id: 'link', parent: 'p', name: 'l', version: { kind: 'symlink', target: '../x', mtime: '0' }, rev: null },
		]);
		expect(tables.applying.get(id('folder'))).toEqual({ ...folder('folder', 'p'), name: 'f', agrees: 'place' });
		tables.close();
	});

	test('takes over the three trees, the contents and the deletes of version 6', () => {
		const old = join(at.dir, 'old.db');
		const db = new DatabaseSync(old);
		prepareSchema(db, 6);
		const one = contentOf([{ hash: blockHash(Buffer.from('one')), size: 3 }]);
		const two = contentOf([...one.blocks, { hash: blockHash(Buffer.from('two')), size: 4 }]);
		const blocks = two.blocks.map(({ hash }, index) => `('${hash}', '${two.hash}', ${index * 3})`);
		const contents = [one, two].map(
			(each) => `('${each.hash}', '${each.chunker}', ${each.size}, '${JSON.stringify(each.blocks)}')`,
		);
		const rest = `'rest', 'p', 'ä', 'file', '${two.hash}', 7, '17', 1, null`;
		db.exec(`
			insert into contents values ${contents};
			insert into blocks values ${blocks};
			insert into remote values (${rest}, 3), ('moved', 'p', 'old', 'folder', null, null, null, null, null, 4),
				('new', 'p', 'n', 'file', 'unknown', 1, '0', 0, null, 5);
			insert into local values (${rest}, 'a', 'i1', 's1', '16', 1),
				('moved', 'p', 'new', 'folder', null, null, null, null, null, 'new', 'i2', '', '0', 0),
				('unread', 'p', 'u', 'file', null, 2, '0', 0, null, 'u', 'i3', 's3', '0', 0),
				('link', 'p', 'l', 'symlink', null, null, '1', null, '../x', 'l', 'i4', 's4', '1', 0);
			insert into synced values (${rest}), ('moved', 'p', 'old', 'folder', null, null, null, null, null);
			insert into deletes values ('gone', 'p', 'g', 'file', 'hash', 1, '0', 0, null, 'held', 12)`);
		db.close();
		const tables = sqliteTables(old)(new Set());
		const file = { kind: 'file', content: two.hash, size: 7, mtime: '17', exec: true };
		const node = { id: 'rest', parent: 'p', name: 'ä', version: file };
		expect(tables.remote.get(id('rest'))).toEqual({ ...node, rev: 3 });
		const disk = { name: 'a', identity: 'i1', stamp: 's1', mtime: '16', racy: true };
		expect(tables.local.get(id('rest'))).toEqual({ ...node, disk });
		expect(tables.synced.get(id('rest'))).toEqual(node);
		expect(tables.local.get(id('moved'))).toMatchObject({ name: 'new', disk: { name: 'new', identity: 'i2' } });
		expect(tables.synced.get(id('moved'))).toEqual({ ...folder('moved', 'p'), name: 'old' });
		expect(tables.remote.get(id('new'))?.version).toMatchObject({ content: 'unknown', exec: false });
		expect(tables.local.get(id('unread'))?.version).toMatchObject({ content: null, size: 2 });
		expect(tables.local.get(id('link'))?.version).toEqual({ kind: 'symlink', target: '../x', mtime: '1' });
		expect([tables.remote.count(), tables.local.count(), tables.synced.count()]).toEqual([3, 4, 2]);
		expect(tables.differing().sort()).toEqual(['link', 'moved', 'new', 'unread']);
		expect([one, two].map(({ hash }) => tables.contents.get(hash))).toEqual([one, two]);
		expect(tables.contents.get('unknown' as ContentHash)).toBeUndefined();
		expect(tables.findBlock(two.blocks[1]!)).toMatchObject({ node, start: 3 });
		expect(tables.deletes.get(id('gone'))).toMatchObject({ standing: 'held', at: 12, version: { content: 'hash' } });
		tables.close();
	});
});
