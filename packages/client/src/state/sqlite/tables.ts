import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { BlockHash, NodeId } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from '../nodes.ts';
import type { OpenTables, Tables } from '../tables.ts';
import { SqliteContents } from './contents.ts';
import { applyingExtra, deletesExtra, remoteExtra, sentExtra, syncedExtra } from './extras.ts';
import { SqliteRules } from './rules.ts';
import { prepareSchema } from './schema.ts';
import { SqliteLocalTree, SqliteTree } from './tree.ts';

/** What makes two nodes of one id different. */
const COMPARED = ['parent', 'name', 'kind', 'content', 'mtime', 'exec', 'target'];

/** @param file path of the database; made when it is not there. */
export const sqliteTables =
	(file: string): OpenTables =>
	(changed) =>
		new SqliteTables(file, changed);

/** The tables in one SQLite file. */
class SqliteTables implements Tables {
	readonly remote: SqliteTree<RemoteNode>;
	readonly local: SqliteLocalTree;
	readonly synced: SqliteTree<TreeNode>;
	readonly sent: SqliteTree<SentNode>;
	readonly applying: SqliteTree<ApplyingNode>;
	readonly deletes: SqliteTree<GuardedDelete>;
	readonly contents: SqliteContents;
	readonly rules: SqliteRules;
	readonly #db: DatabaseSync;
	readonly #meta: StatementSync;
	readonly #setMeta: StatementSync;
	readonly #findBlock: StatementSync;

	constructor(file: string, changed: (id: NodeId) => void) {
		this.#db = new DatabaseSync(file);
		prepareSchema(this.#db);
		this.remote = new SqliteTree(this.#db, 'remote', remoteExtra, changed);
		this.local = new SqliteLocalTree(this.#db, changed);
		this.synced = new SqliteTree(this.#db, 'synced', syncedExtra, changed);
		const silent = () => undefined;
		this.sent = new SqliteTree(this.#db, 'sent', sentExtra, silent);
		this.applying = new SqliteTree(this.#db, 'applying', applyingExtra, silent);
		this.deletes = new SqliteTree(this.#db, 'deletes', deletesExtra, silent);
		this.contents = new SqliteContents(this.#db);
		this.rules = new SqliteRules(this.#db);
		this.#meta = this.#db.prepare('select value from meta where key = ?');
		this.#setMeta = this.#db.prepare('insert or replace into meta (key, value) values (?, ?)');
		this.#findBlock = this.#db.prepare(
			'select local.*, blocks.start from blocks join local on local.content = blocks.content where blocks.hash = ? limit 1',
		);
	}

	close(): void {
		this.#db.close();
	}

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

	meta(key: string): string | null {
		const row = this.#meta.get(key);
		return row ? (row.value as string) : null;
	}

	setMeta(key: string, value: string): void {
		this.#setMeta.run(key, value);
	}

	findBlock(hash: BlockHash): { node: LocalNode; start: number } | undefined {
		const row = this.#findBlock.get(hash);
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
