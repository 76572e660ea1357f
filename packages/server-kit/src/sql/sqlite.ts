import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	type QueryResult,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from 'kysely';
import { isBusy } from './faults.ts';

/** How long a statement waits for another process that is writing to the same file. */
const BUSY_DEADLINE_MS = 10_000;
const CACHED_STATEMENTS = 256;
/**
 * Pages in memory, KiB. Ids are random, so a commit of a thousand files touches pages all over the indexes; with
 * SQLite's own 2 MiB it writes some of them twice.
 */
const CACHE_KIB = 16 * 1024;
/** Pages of 4 KiB in the log before they go to the file: what was changed several times since goes there once. */
const CHECKPOINT_PAGES = 4000;

/** kysely on Node's own SQLite: nothing to install, nothing to compile. `path` may be `:memory:`. */
export function sqliteDialect(path: string): Dialect {
	return {
		createAdapter: () => new SqliteAdapter(),
		createDriver: () => new SqliteDriver(path),
		createQueryCompiler: () => new SqliteQueryCompiler(),
		createIntrospector: (db) => new SqliteIntrospector(db),
	};
}

/** A statement that is run once for each row: a third faster here than one statement with all rows in it. */
export interface RowByRow extends CompiledQuery {
	/** In the order of the statement's parameters. */
	readonly columns: readonly string[];
	readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/**
 * One connection, handed to one transaction (or one statement) at a time, in the order they asked. Write
 * transactions begin IMMEDIATE: a transaction that got its lock never fails later because another writer came first.
 */
class SqliteDriver implements Driver {
	readonly #path: string;
	#connection: SqliteConnection | undefined;
	#turn: Promise<void> = Promise.resolve();
	#passOn: () => void = () => {};

	constructor(path: string) {
		this.#path = path;
	}

	async init(): Promise<void> {
		this.#connection = new SqliteConnection(this.#path);
	}

	async acquireConnection(): Promise<DatabaseConnection> {
		const mine = this.#turn;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#turn = promise;
		await mine;
		this.#passOn = resolve;
		return this.#connection as DatabaseConnection;
	}

	async releaseConnection(): Promise<void> {
		this.#passOn();
	}

	async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('begin immediate'));
	}

	async commitTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('commit'));
	}

	async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		// SQLite has already rolled back by itself after e.g. a full disk.
		if ((connection as SqliteConnection).inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
	}

	async destroy(): Promise<void> {
		await this.#turn;
		this.#connection?.close();
	}
}

class SqliteConnection implements DatabaseConnection {
	readonly #db: DatabaseSync;
	/** The oldest first; a list of which it was not one would have to be kept in order at every use. */
	readonly #statements = new Map<string, Prepared>();

	constructor(path: string) {
		this.#db = new DatabaseSync(path);
		this.#db.exec('pragma busy_timeout = 5000');
		this.#db.exec('pragma journal_mode = wal');
		// FULL: an answered commit survives the plug being pulled, not only the process being killed.
		this.#db.exec('pragma synchronous = full');
		this.#db.exec('pragma foreign_keys = on');
		this.#db.exec(`pragma cache_size = -${CACHE_KIB}`);
		this.#db.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
		// From here on the wait inside SQLite, which blocks the whole process, is short; `#patiently` waits without blocking.
		this.#db.exec('pragma busy_timeout = 20');
	}

	get inTransaction(): boolean {
		return this.#db.isTransaction;
	}

	async executeQuery<Row>(query: CompiledQuery | RowByRow): Promise<QueryResult<Row>> {
		const { statement, columns } = this.#prepare(query.sql);
		if ('rows' in query) return this.#patiently(() => this.#runRows(statement, query));
		const values = query.parameters as null[];
		return this.#patiently(() => {
			if (columns.length > 0) {
				const rows = statement.all(...values) as unknown as unknown[][];
				return { rows: rows.map((row) => toRow(columns, row)) as Row[] };
			}
			const { changes, lastInsertRowid } = statement.run(...values);
			return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
		});
	}

	/** All rows or none, as it would be with one statement, inside a transaction and outside. */
	#runRows(statement: StatementSync, { columns, rows }: RowByRow): QueryResult<never> {
		this.#db.exec('savepoint RowByRow');
		try {
			for (const row of rows) statement.run(...columns.map((column) => row[column] as null));
			this.#db.exec('release RowByRow');
		} catch (error) {
			// SQLite has already rolled back by itself after e.g. a full disk.
			if (this.#db.isTransaction) this.#db.exec('rollback to RowByRow; release RowByRow');
			throw error;
		}
		return { rows: [], numAffectedRows: BigInt(rows.length) };
	}

	// biome-ignore lint/correctness/useYield: kysely's interface wants a generator
	async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new Error('Streaming would hold the only connection; read in pages instead.');
	}

	close(): void {
		this.#statements.clear();
		this.#db.close();
	}

	#prepare(sql: string): Prepared {
		const cached = this.#statements.get(sql);
		if (cached) return cached;
		const statement = this.#db.prepare(sql);
		// As plain numbers, integers above 2^53 would make the read throw.
		statement.setReadBigInts(true);
		// The objects that it would make are dictionaries, and slow to make and to read.
		statement.setReturnArrays(true);
		const prepared = { statement, columns: statement.columns().map(({ name }) => name) };
		// Some pragmas do what they say when they are prepared, and nothing when they are run.
		if (sql.startsWith('pragma')) return prepared;
		this.#statements.set(sql, prepared);
		if (this.#statements.size > CACHED_STATEMENTS)
			this.#statements.delete(this.#statements.keys().next().value as string);
		return prepared;
	}

	/** Outside a transaction a statement that found the file locked did nothing and is simply tried again. */
	async #patiently<Result>(run: () => Result): Promise<Result> {
		const deadline = Date.now() + BUSY_DEADLINE_MS;
		for (;;) {
			try {
				return run();
			} catch (error) {
				if (!isBusy(error) || this.#db.isTransaction || Date.now() > deadline) throw error;
			}
			await sleep(2 + Math.random() * 20);
		}
	}
}

interface Prepared {
	readonly statement: StatementSync;
	/** Names of what it returns; none for a statement that returns no rows. */
	readonly columns: readonly string[];
}

function toRow(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
	const row: Record<string, unknown> = {};
	columns.forEach((column, index) => {
		row[column] = toValue(values[index]);
	});
	return row;
}

/** The same JavaScript types that `mysqlDialect` returns: number, or bigint above 2^53; Buffer for bytes. */
function toValue(value: unknown): unknown {
	if (typeof value === 'bigint') return toInteger(value);
	if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
	return value;
}

export function toInteger(value: bigint): number | bigint {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}
