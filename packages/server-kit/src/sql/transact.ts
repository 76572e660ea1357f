import { setTimeout as sleep } from 'node:timers/promises';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import { isContention } from './faults.ts';

const ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 400;

/**
 * Runs `work` in a transaction and commits it. When the engine rolled it back because of others that ran beside it
 * (deadlock, lock wait, busy), `work` runs again from the start: it must do nothing outside the transaction that
 * cannot be done twice. Inside, use `tx` only; `db` would wait for the connection that the transaction holds.
 */
export async function transact<Schema, Result>(
	db: Kysely<Schema>,
	work: (tx: Transaction<Schema>) => Promise<Result>,
	{ isolation }: { isolation?: IsolationLevel } = {},
): Promise<Result> {
	const begin = () => (isolation ? db.transaction().setIsolationLevel(isolation) : db.transaction());
	for (let attempt = 1; ; attempt++) {
		try {
			return await begin().execute(work);
		} catch (error) {
			if (attempt === ATTEMPTS || !isContention(error)) throw error;
			await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 4 * 2 ** attempt));
		}
	}
}
