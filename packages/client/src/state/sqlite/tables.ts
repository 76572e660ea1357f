import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { BlockRef, NodeId } from '@mydropbox/protocol';
import { contentOf } from '@mydropbox/protocol/content';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from '../nodes.ts';
import { PARTS } from '../parts.ts';
import type { Lasting, OpenTables, Tables } from '../tables.ts';
import { SqliteContents } from './contents.ts';
import { deletesExtra, remoteExtra } from './extras.ts';
import { SqliteNotes } from './notes.ts';
import { SqliteRules } from './rules.ts';
import { prepareSchema } from './schema.ts';
import { SqliteLocalTree, SqliteNodes, SqliteSynced, SqliteTree } from './tree.ts';

/** What makes two nodes of one id different. */
const COMPARED = ['parent', 'name', 'kind', 'content', 'mtime', 'exec', 'target'];

/** @param file path of the database; made when it is not there. */
export const sqliteTables =
	(file: string): OpenTables =>
	(dirty) =>
		new SqliteTables(file, dirty);

/** The tables in one SQLite file. */
class SqliteTables implements Tables {
	readonly remote: SqliteTree<RemoteNode>;
	readonly local: SqliteLocalTree;
	readonly synced: SqliteSynced;
	readonly sent: SqliteNotes<SentNode>;
	readonly applying: SqliteNotes<ApplyingNode>;
	readonly deletes: SqliteNodes<GuardedDelete>;
	readonly contents: SqliteContents;
	readonly rules: SqliteRules;
	readonly #db: DatabaseSync;
	readonly #meta: StatementSync;
	readonly #setMeta: StatementSync;
	readonly #findContent: StatementSync;
	readonly #findBlock: StatementSync;

	constructor(file: string, dirty: Set<NodeId>) {
		const changed = (id: NodeId) => void dirty.add(id);
		this.#db = new DatabaseSync(file);
		prepareSchema(this.#db);
		this.remote = new SqliteTree(this.#db, 'remote', remoteExtra, changed);
		this.local = new SqliteLocalTree(this.#db, changed);
		this.synced = new SqliteSynced(this.#db, changed);
		this.sent = new SqliteNotes(this.#db, 'sent', PARTS.sent);
		this.applying = new SqliteNotes(this.#db, 'applying', PARTS.applying);
		this.deletes = new SqliteNodes(this.#db, 'deletes', deletesExtra, () => undefined);
		this.contents = new SqliteContents(this.#db);
		this.rules = new SqliteRules(this.#db);
		this.#meta = this.#db.prepare('select value from meta where key = ?');
		this.#setMeta = this.#db.prepare('insert or replace into meta (key, value) values (?, ?)');
		this.#findContent = this.#db.prepare(
			'select *, 0 as start from local where content = ? and exists (select 1 from contents where hash = local.content) limit 1',
		);
		this.#findBlock = this.#db.prepare(
			'select local.*, blocks.start from blocks join local on local.content = blocks.content where blocks.hash = ? limit 1',
		);
	}

	close(): void {
		this.#db.close();
	}

	/** In a write-ahead log, what is synced makes durable all that was written before. */
	transaction<T>(work: () => T, lasting: Lasting): T {
		if (lasting === 'at-once') return this.#transaction(work);
		this.#db.exec('pragma synchronous = normal');
		try {
			return this.#transaction(work);
		} finally {
			this.#db.exec('pragma synchronous = full');
		}
	}

	#transaction<T>(work: () => T): T {
		const notes = [this.sent, this.applying];
		this.#db.exec('begin immediate');
		try {
			const result = work();
			for (const each of notes) each.write();
			this.#db.exec('commit');
			return result;
		} catch (error) {
			// A full disk has rolled it back already.
			if (this.#db.isTransaction) this.#db.exec('rollback');
			for (const each of notes) each.load();
			throw error;
		}
	}

	meta(key: string): string | null {
		const row = this.#meta.get(key);
		return row ? (row.value as string) : null;
	}

	setMeta(key: string, value: string): void {
		this.#setMeta.run(key, value);
	}

	findBlock({ hash, size }: BlockRef): { node: LocalNode; start: number } | undefined {
		const row = this.#findContent.get(contentOf([{ hash, size }]).hash) ?? this.#findBlock.get(hash);
		return row && { node: this.local.nodeOf(row), start: row.start as number };
	}

	/** By primary key on both sides: `except` would sort all of both. */
	differing(): NodeId[] {
		const isAnother = COMPARED.map((column) => `a.${column} is not b.${column}`).join(' or ');
		const compare = (a: string, b: string) =>
			`select a.id from ${a} a left join ${b} b on b.id = a.id where b.id is null or ${isAnother}`;
		const missing = (a: string, b: string) => `select id from ${a} where id not in (select id from ${b})`;
		const sides = ['remote', 'local'].flatMap((side) => [compare(side, 'synced'), missing('synced', side)]);
		const rows = this.#db.prepare(sides.join(' union ')).all();
		return rows.map((row) => row.id as NodeId);
	}
}
