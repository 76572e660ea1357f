import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ContentHash, Mtime, Name, NodeId } from '@mydropbox/protocol';
import type { TreeNode, Version } from '@mydropbox/sync-engine';
import type { LocalNode } from '../nodes.ts';
import type { LocalTable, Nodes, SyncedNodes, Table } from '../tables.ts';
import { type Extra, localExtra, noExtra, type Row } from './extras.ts';

const COLUMNS = ['id', 'parent', 'name', 'kind', 'content', 'size', 'mtime', 'exec', 'target'];

/** One row for each node. */
export class SqliteNodes<Node extends TreeNode> implements Nodes<Node> {
	readonly #extra: Extra<Node>;
	readonly #changed: (id: NodeId) => void;
	readonly #get: StatementSync;
	readonly #set: StatementSync;
	readonly #delete: StatementSync;
	readonly #clear: StatementSync;
	readonly #ids: StatementSync;
	readonly #count: StatementSync;

	constructor(db: DatabaseSync, table: string, extra: Extra<Node>, changed: (id: NodeId) => void) {
		this.#extra = extra;
		this.#changed = changed;
		const columns = [...COLUMNS, ...extra.columns];
		this.#get = db.prepare(`select * from ${table} where id = ?`);
		// Not `insert or replace`, which writes every index anew, also those of what stays as it is.
		this.#set = db.prepare(
			`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
			on conflict do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
		);
		this.#delete = db.prepare(`delete from ${table} where id = ?`);
		this.#clear = db.prepare(`delete from ${table}`);
		this.#ids = db.prepare(`select id from ${table}`);
		this.#count = db.prepare(`select count(*) as n from ${table}`);
	}

	get(id: NodeId): Node | undefined {
		const row = this.#get.get(id);
		return row && this.nodeOf(row);
	}

	ids(): NodeId[] {
		return this.#ids.all().map((row) => row.id as NodeId);
	}

	count(): number {
		return this.#count.get()!.n as number;
	}

	set(node: Node): void {
		const { id, parent, name, version } = node;
		this.#set.run(id, parent, name, version.kind, ...versionColumns(version), ...this.#extra.write(node));
		this.#changed(id);
	}

	delete(id: NodeId): void {
		this.#delete.run(id);
		this.#changed(id);
	}

	clear(): void {
		for (const id of this.ids()) this.#changed(id);
		this.#clear.run();
	}

	/** Reads a row of this table, whichever statement has found it. */
	nodeOf(row: Row): Node {
		return this.#extra.read(row, {
			id: row.id as NodeId,
			parent: row.parent as NodeId,
			name: row.name as Name,
			version: readVersion(row),
		});
	}
}

export class SqliteSynced extends SqliteNodes<TreeNode> implements SyncedNodes {
	readonly #countFiles: StatementSync;

	constructor(db: DatabaseSync, changed: (id: NodeId) => void) {
		super(db, 'synced', noExtra, changed);
		this.#countFiles = db.prepare(`select count(*) as n from synced where kind <> 'folder'`);
	}

	countFiles(): number {
		return this.#countFiles.get()!.n as number;
	}
}

export class SqliteTree<Node extends TreeNode> extends SqliteNodes<Node> implements Table<Node> {
	readonly #child: StatementSync;
	readonly #children: StatementSync;

	constructor(db: DatabaseSync, table: string, extra: Extra<Node>, changed: (id: NodeId) => void) {
		super(db, table, extra, changed);
		this.#child = db.prepare(`select * from ${table} where parent = ? and name = ?`);
		this.#children = db.prepare(`select * from ${table} where parent = ?`);
	}

	child(parent: NodeId, name: Name): Node | undefined {
		const row = this.#child.get(parent, name);
		return row && this.nodeOf(row);
	}

	children(parent: NodeId): Node[] {
		return this.#children.all(parent).map((row) => this.nodeOf(row));
	}
}

export class SqliteLocalTree extends SqliteTree<LocalNode> implements LocalTable {
	readonly #byIdentity: StatementSync;

	constructor(db: DatabaseSync, changed: (id: NodeId) => void) {
		super(db, 'local', localExtra, changed);
		this.#byIdentity = db.prepare('select * from local where identity = ?');
	}

	byIdentity(identity: string): LocalNode[] {
		return this.#byIdentity.all(identity).map((row) => this.nodeOf(row));
	}
}

function versionColumns(version: Version): SQLInputValue[] {
	switch (version.kind) {
		case 'file':
			return [version.content, version.size, version.mtime, Number(version.exec), null];
		case 'symlink':
			return [null, null, version.mtime, null, version.target];
		case 'folder':
			return [null, null, null, null, null];
	}
}

function readVersion(row: Row): Version {
	const mtime = row.mtime as Mtime;
	switch (row.kind) {
		case 'file':
			return {
				kind: 'file',
				content: row.content as ContentHash | null,
				size: row.size as number,
				mtime,
				exec: row.exec === 1,
			};
		case 'symlink':
			return { kind: 'symlink', target: row.target as string, mtime };
		default:
			return { kind: 'folder' };
	}
}
