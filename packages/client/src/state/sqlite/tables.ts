import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { BlockRef, NodeId } from '@mydropbox/protocol';
import type { ApplyingNode, GuardedDelete, LocalNode, SentNode } from '../nodes.ts';
import { PARTS } from '../parts.ts';
import type { Lasting, OpenTables, Tables } from '../tables.ts';
import { SqliteContents } from './contents.ts';
import { SqliteNotes } from './notes.ts';
import { SqliteRules } from './rules.ts';
import { prepareSchema } from './schema.ts';
import { SqliteLocalTree, SqliteSynced, SqliteTree } from './tree.ts';
import { SqliteTrees } from './trees.ts';

/** Nodes that are remembered at least; each takes about half a kilobyte. */
const NODES = 16_384;

/**
 * @param file path of the database; made when it is not there.
 * @param nodes remembered at least.
 */
export const sqliteTables =
	(file: string, nodes = NODES): OpenTables =>
	(dirty) =>
		new SqliteTables(file, nodes, dirty);

/** The tables in one SQLite file. */
class SqliteTables implements Tables {
	readonly remote: SqliteTree<'remote'>;
	readonly local: SqliteLocalTree;
	readonly synced: SqliteSynced;
	readonly sent: SqliteNotes<SentNode>;
	readonly applying: SqliteNotes<ApplyingNode>;
	readonly deletes: SqliteNotes<GuardedDelete>;
	readonly contents: SqliteContents;
	readonly rules: SqliteRules;
	readonly #db: DatabaseSync;
	readonly #trees: SqliteTrees;
	readonly #meta: StatementSync;
	readonly #setMeta: StatementSync;
	readonly #known = new Map<string, string | null>();

	constructor(file: string, nodes: number, dirty: Set<NodeId>) {
		this.#db = new DatabaseSync(file);
		prepareSchema(this.#db);
		this.contents = new SqliteContents(this.#db);
		this.#trees = new SqliteTrees(this.#db, this.contents, nodes, (id) => void dirty.add(id));
		this.remote = new SqliteTree(this.#db, this.#trees, 'remote');
		this.local = new SqliteLocalTree(this.#db, this.#trees);
		this.synced = new SqliteSynced(this.#db, this.#trees);
		this.sent = new SqliteNotes(this.#db, 'sent', PARTS.sent);
		this.applying = new SqliteNotes(this.#db, 'applying', PARTS.applying);
		this.deletes = new SqliteNotes(this.#db, 'deletes', PARTS.deletes);
		this.rules = new SqliteRules(this.#db);
		this.#meta = this.#db.prepare('select value from meta where key = ?');
		this.#setMeta = this.#db.prepare('insert or replace into meta (key, value) values (?, ?)');
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
		const buffers = [this.#trees, this.sent, this.applying, this.deletes];
		this.#db.exec('begin immediate');
		try {
			const result = work();
			for (const each of buffers) each.write();
			this.#db.exec('commit');
			return result;
		} catch (error) {
			// A full disk has rolled it back already.
			if (this.#db.isTransaction) this.#db.exec('rollback');
			for (const each of [...buffers, this.contents, this.remote, this.local]) each.forget();
			this.#known.clear();
			throw error;
		}
	}

	meta(key: string): string | null {
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const row = this.#meta.get(key);
		const value = row ? (row.value as string) : null;
		this.#known.set(key, value);
		return value;
	}

	setMeta(key: string, value: string): void {
		this.#setMeta.run(key, value);
		this.#known.set(key, value);
	}

	findBlock(block: BlockRef): { node: LocalNode; start: number } | undefined {
		for (const { content, start } of this.contents.places(block)) {
			const node = this.local.byContent(content);
			if (node) return { node, start };
		}
		return undefined;
	}

	differing(): NodeId[] {
		return this.#trees.differing();
	}
}
