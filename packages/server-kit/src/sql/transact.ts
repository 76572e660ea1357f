import { setTimeout as sleep } from 'node:timers/promises';
import { type IsolationLevel, type Kysely, sql, type Transaction } from 'kysely';
import { engineOf } from './engine.ts';
import { isContention } from './faults.ts';

const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 400;

export interface TransactOptions {
	isolation?: IsolationLevel;
	/**
	 * The rows become durable with the next transaction that does, and not before: a power cut may lose them, never a
	 * later transaction without them. Nobody waits for the disk. On MySQL every transaction is durable.
	 */
	lazily?: boolean;
}

/**
 * Runs `work` in a transaction and commits it. When the engine rolled it back because of others that ran beside it
 * (deadlock, lock wait, busy), `work` runs again from the start: it must do nothing outside the transaction that
 * cannot be done twice. Inside, use `tx` only; `db` would wait for the connection that the transaction holds.
 */
export async function transact<Schema, Result>(
	db: Kysely<Schema>,
	work: (tx: Transaction<Schema>) => Promise<Result>,
	{ isolation, lazily = false }: TransactOptions = {},
): Promise<Result> {
	const begin = () => (isolation ? db.transaction().setIsolationLevel(isolation) : db.transaction());
	const run = () => (lazily && engineOf(db) === 'sqlite' ? unsynced(db, work) : begin().execute(work));
	for (let attempt = 1; ; attempt++) {
		try {
			return await run();
		} catch (error) {
			if (attempt === ATTEMPTS || !isContention(error)) throw error;
			await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 4 * 2 ** attempt));
		}
	}
}

/** All go into one log, in their order: whoever syncs it for a later transaction syncs this one, too. */
function unsynced<Schema, Result>(
	db: Kysely<Schema>,
	work: (tx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
	return db.connection().execute(async (connection) => {
		await sql`pragma synchronous = normal`.execute(connection);
		try {
			return await connection.transaction().execute(work);
		} finally {
			await sql`pragma synchronous = full`.execute(connection);
		}
	});
}
