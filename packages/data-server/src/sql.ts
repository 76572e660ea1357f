import type { Kysely, Transaction } from 'kysely';
import type { DataSchema } from './schema.ts';

export type Db = Kysely<DataSchema>;
export type Tx = Transaction<DataSchema>;

/** Ids and hashes are hexadecimal text in the program and on the wire, bytes in the database. */
export const toBytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
export const fromBytes = <Id extends string>(bytes: Buffer): Id => bytes.toString('hex') as Id;

/** Few enough for the planner of either engine to treat the list as single look-ups in an index. */
const KEYS_PER_QUERY = 500;

export function* inGroups<Item>(items: readonly Item[], size = KEYS_PER_QUERY): Generator<Item[]> {
	for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

/** All queries in `work` see the database as it was at one moment. */
export const snapshot = <Result>(db: Db, work: (tx: Tx) => Promise<Result>): Promise<Result> =>
	db.transaction().setIsolationLevel('repeatable read').execute(work);
