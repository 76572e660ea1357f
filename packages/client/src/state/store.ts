import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
	type BlockHash,
	type Change,
	type Epoch,
	type NamespaceId,
	type NodeId,
	type Rev,
	rootOf,
} from '@mydropbox/protocol';
import { type StateOperation, sameNode, type TreeNode } from '@mydropbox/sync-engine';
import { ContentIndex } from './content-index.ts';
import {
	type LocalNode,
	localExtra,
	type RemoteNode,
	remoteExtra,
	type SentNode,
	sentExtra,
	syncedExtra,
} from './nodes.ts';
import { prepareSchema } from './schema.ts';
import { TreeTable } from './tree-table.ts';

export interface Cursor {
	readonly epoch: Epoch | null;
	readonly rev: Rev;
}

/** The three trees of a namespace and what belongs to them, in one SQLite file. All calls are synchronous. */
export class Store {
	readonly root: NodeId;
	readonly remote: TreeTable<RemoteNode>;
	readonly local: TreeTable<LocalNode>;
	readonly synced: TreeTable<TreeNode>;
	readonly sent: TreeTable<SentNode>;
	readonly contents: ContentIndex;
	/** Every node that is not alike in all three trees is in here; one that is alike may be, too. */
	readonly dirty = new Set<NodeId>();
	readonly #db: DatabaseSync;

	constructor(file: string, namespace: NamespaceId) {
		this.root = rootOf(namespace);
		this.#db = new DatabaseSync(file);
		prepareSchema(this.#db);
		const changed = (id: NodeId) => void this.dirty.add(id);
		this.remote = new TreeTable(this.#db, 'remote', remoteExtra, changed);
		this.local = new TreeTable(this.#db, 'local', localExtra, changed);
		this.synced = new TreeTable(this.#db, 'synced', syncedExtra, changed);
		this.sent = new TreeTable(this.#db, 'sent', sentExtra, () => undefined);
		this.contents = new ContentIndex(this.#db);
		this.#requireNamespace(namespace);
		for (const id of this.#differing()) this.dirty.add(id);
	}

	close(): void {
		this.#db.close();
	}

	/** All of it or nothing. */
	transaction<T>(work: () => T): T {
		this.#db.exec('begin immediate');
		try {
			const result = work();
			this.#db.exec('commit');
			return result;
		} catch (error) {
			// A full disk has rolled it back already.
			if (this.#db.isTransaction) this.#db.exec('rollback');
			throw error;
		}
	}

	isClean(id: NodeId): boolean {
		const synced = this.synced.get(id);
		return sameNode(this.remote.get(id), synced) && sameNode(this.local.get(id), synced);
	}

	/** Takes out of `dirty` what is alike in all three trees. */
	forgetClean(): void {
		for (const id of this.dirty) if (this.isClean(id)) this.dirty.delete(id);
	}

	applyChange(change: Change): void {
		if (change.kind === 'deleted') {
			this.remote.delete(change.id);
			return;
		}
		const { id, parent, name, rev, ...version } = change;
		this.remote.set({ id, parent, name, rev, version });
	}

	applyState(operation: StateOperation): void {
		switch (operation.type) {
			case 'agree':
				this.synced.set(this.remote.get(operation.id)!);
				break;
			case 'forget':
			case 'revive':
				this.synced.delete(operation.id);
				break;
			case 'adopt': {
				const node = this.local.get(operation.local)!;
				const children = this.local.children(operation.local);
				this.local.delete(operation.local);
				this.local.set({ ...node, id: operation.remote });
				for (const child of children) this.local.set({ ...child, parent: operation.remote });
			}
		}
	}

	/**
	 * What was sent and has become part of the remote tree was agreed on, even when one side, or both, has moved on since:
	 * otherwise a change that follows at once would look like a conflict with our own.
	 * @param head what the remote tree is as new as.
	 * @param deleted nodes that the server has deleted since.
	 */
	settleSent(head: Rev, deleted: ReadonlySet<NodeId>): void {
		for (const id of this.sent.ids()) {
			const { rev, ...node } = this.sent.get(id)!;
			const there = this.remote.get(id);
			const isKnown = rev !== null ? rev <= head : sameNode(node, there) || (!there && deleted.has(id));
			if (isKnown) this.synced.set(node);
			if (isKnown || deleted.has(id)) this.sent.delete(id);
		}
	}

	/** The folder on the disk is another one than before: nothing that we knew is evidence of what is missing in it. */
	beginFolder(identity: string): void {
		this.transaction(() => {
			this.local.clear();
			this.synced.clear();
			this.sent.clear();
			this.setMeta('root', identity);
		});
	}

	/** What the server said before no longer counts, and what was agreed is no evidence of any delete. */
	resetRemote(): void {
		this.remote.clear();
		this.synced.clear();
		this.sent.clear();
	}

	cursor(): Cursor {
		return { epoch: this.meta('epoch') as Epoch | null, rev: Number(this.meta('cursor') ?? 0) as Rev };
	}

	setCursor({ epoch, rev }: { epoch: Epoch; rev: Rev }): void {
		this.setMeta('epoch', epoch);
		this.setMeta('cursor', String(rev));
	}

	meta(key: string): string | null {
		const row = this.#db.prepare('select value from meta where key = ?').get(key);
		return row ? (row.value as string) : null;
	}

	setMeta(key: string, value: string): void {
		this.#db.prepare('insert or replace into meta (key, value) values (?, ?)').run(key, value);
	}

	/** Local nodes that were last seen as this thing on the disk. */
	localByIdentity(identity: string): LocalNode[] {
		const rows = this.#db.prepare('select * from local where identity = ?').all(identity);
		return rows.map((row) => this.local.nodeOf(row as never));
	}

	/** A local file that should hold the block, and where in it. */
	findBlock(hash: BlockHash): { node: LocalNode; start: number } | undefined {
		const row = this.#db
			.prepare(
				'select local.*, blocks.start from blocks join local on local.content = blocks.content where blocks.hash = ? limit 1',
			)
			.get(hash);
		return row ? { node: this.local.nodeOf(row as never), start: row.start as number } : undefined;
	}

	/** Path on this disk, from the folder down; undefined for what is not in the local tree. */
	diskPath(id: NodeId): string | undefined {
		const names: string[] = [];
		for (let at = id; at !== this.root; ) {
			const node = this.local.get(at);
			if (!node) return undefined;
			names.unshift(node.disk.name);
			at = node.parent;
		}
		return join(...(names.length > 0 ? names : ['.']));
	}

	#differing(): NodeId[] {
		const columns = 'id, parent, name, kind, content, mtime, exec, target';
		const except = (a: string, b: string) =>
			`select id from (select ${columns} from ${a} except select ${columns} from ${b})`;
		const pairs = [
			['remote', 'synced'],
			['synced', 'remote'],
			['local', 'synced'],
			['synced', 'local'],
		] as const;
		const rows = this.#db.prepare(pairs.map(([a, b]) => except(a, b)).join(' union ')).all();
		return rows.map((row) => row.id as NodeId);
	}

	#requireNamespace(namespace: NamespaceId): void {
		const known = this.meta('namespace');
		if (known && known !== namespace) {
			throw new Error('This state belongs to another account. Log out and log in again with a new --home or folder.');
		}
		if (!known) this.setMeta('namespace', namespace);
	}
}
