import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Name, NamespaceId, NodeId, Rev } from '@mydropbox/protocol';
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
});
