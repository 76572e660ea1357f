import { type ExpressionBuilder, type Insertable, type SelectQueryBuilder, sql, type UpdateObject } from 'kysely';
import { type DatabaseOrTransaction, engineOf } from './engine.ts';

/** Where the engines differ in a statement, the difference lives here. */

/** More bound values than this in one statement is more than SQLite takes. */
const VALUES_PER_STATEMENT = 30_000;

type Change<Schema, Table extends TableOf<Schema>> = UpdateObject<Schema, Table, Table>;
type TableOf<Schema> = keyof Schema & string;

/**
 * Locks the selected rows until the transaction ends. On SQLite the transaction holds the only write lock already.
 * @example const row = await lockRow(tx, tx.selectFrom('Users').selectAll().where('UserId', '=', id)).executeTakeFirst();
 */
export function lockRow<Schema, Tables extends keyof Schema, Row>(
	tx: DatabaseOrTransaction<Schema>,
	query: SelectQueryBuilder<Schema, Tables, Row>,
): SelectQueryBuilder<Schema, Tables, Row> {
	return engineOf(tx) === 'mysql' ? query.forUpdate() : query;
}

/** Inserts the rows, in as many statements as the engine needs. */
export async function insertAll<Schema, Table extends TableOf<Schema>>(
	db: DatabaseOrTransaction<Schema>,
	table: Table,
	rows: readonly Insertable<NoInfer<Schema>[Table]>[],
): Promise<void> {
	for (const batch of batches(rows)) await db.insertInto(table).values(batch).execute();
}

/**
 * Inserts the rows whose key is not there yet and leaves the others as they are.
 * @param key columns of a unique key. MySQL ignores a clash on any unique key of the table, not only on this one.
 */
export async function insertNew<Schema, Table extends TableOf<Schema>>(
	db: DatabaseOrTransaction<Schema>,
	table: Table,
	rows: readonly Insertable<NoInfer<Schema>[Table]>[],
	key: readonly [keyof Schema[Table] & string, ...(keyof Schema[Table] & string)[]],
): Promise<void> {
	for (const batch of batches(rows)) {
		const insert = db.insertInto(table).values(batch);
		if (engineOf(db) === 'mysql') {
			// Not INSERT IGNORE: that would also turn values that do not fit into warnings.
			const nothing = { [key[0]]: sql.ref(`${table}.${key[0]}`) };
			await insert.onDuplicateKeyUpdate(nothing as never).execute();
		} else {
			await insert.onConflict((conflict) => conflict.columns(key as never).doNothing()).execute();
		}
	}
}

/** Inserts the row, or changes the one that has its key. In `change`, a column name means the value that is there. */
export async function upsert<Schema, Table extends TableOf<Schema>>(
	db: DatabaseOrTransaction<Schema>,
	table: Table,
	row: Insertable<NoInfer<Schema>[Table]>,
	key: readonly (keyof Schema[Table] & string)[],
	change: Change<NoInfer<Schema>, Table> | ((row: ExpressionBuilder<Schema, Table>) => Change<NoInfer<Schema>, Table>),
): Promise<void> {
	const insert = db.insertInto(table).values(row);
	if (engineOf(db) === 'mysql') await insert.onDuplicateKeyUpdate(change as never).execute();
	else await insert.onConflict((conflict) => conflict.columns(key as never).doUpdateSet(change as never)).execute();
}

function* batches<Row extends object>(rows: readonly Row[]): Generator<Row[]> {
	const size = Math.max(1, Math.floor(VALUES_PER_STATEMENT / Object.keys(rows[0] ?? { none: 0 }).length));
	for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}
