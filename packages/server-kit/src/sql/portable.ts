import {
	type Compilable,
	type ExpressionBuilder,
	type Insertable,
	type RawBuilder,
	type SelectQueryBuilder,
	type SqlBool,
	sql,
	type UpdateObject,
} from 'kysely';
import { type DatabaseOrTransaction, engineOf } from './engine.ts';
import type { RowByRow } from './sqlite.ts';

/** Where the engines differ in a statement, the difference lives here. */

/** More bound values than this in one statement is more than MySQL takes. */
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

/**
 * A column of bytes as lower-case hexadecimal text. Where many rows are read, that costs a fifth of what bytes do: for each
 * value Node makes memory of its own, which somebody has to free. NULL MAY come as ''.
 */
export const hexOf = (column: string): RawBuilder<string> => sql<string>`lower(hex(${sql.ref(column)}))`;

/** A column of UTF-8 bytes, or of 64 bits, as text. */
export const textOf = <Text extends string | null = string>(column: string): RawBuilder<Text> =>
	sql<Text>`cast(${sql.ref(column)} as char)`;

/**
 * Whether a column of bytes is one of these, which are hexadecimal text. SQLite gets them as one value: so the statement is the
 * same however many they are, and is prepared once.
 * @example db.selectFrom('Users').where(isOneOf(db, 'UserId', ids))
 */
export function isOneOf<Schema>(
	db: DatabaseOrTransaction<Schema>,
	column: string,
	keys: readonly string[],
): RawBuilder<SqlBool> {
	if (engineOf(db) === 'mysql')
		return sql`${sql.ref(column)} in (${sql.join(keys.map((key) => Buffer.from(key, 'hex')))})`;
	return sql`${sql.ref(column)} in (select unhex(value) from json_each(${JSON.stringify(keys)}))`;
}

/** Inserts the rows. All of them have the same columns. */
export async function insertAll<Schema, Table extends TableOf<Schema>>(
	db: DatabaseOrTransaction<Schema>,
	table: Table,
	rows: readonly Insertable<NoInfer<Schema>[Table]>[],
): Promise<void> {
	await insertRows(db, rows, (some) => db.insertInto(table).values(some));
}

/**
 * Inserts the rows whose key is not there yet and leaves the others as they are. All rows have the same columns.
 * @param key columns of a unique key. MySQL ignores a clash on any unique key of the table, not only on this one.
 */
export async function insertNew<Schema, Table extends TableOf<Schema>>(
	db: DatabaseOrTransaction<Schema>,
	table: Table,
	rows: readonly Insertable<NoInfer<Schema>[Table]>[],
	key: readonly [keyof Schema[Table] & string, ...(keyof Schema[Table] & string)[]],
): Promise<void> {
	// Not INSERT IGNORE: that would also turn values that do not fit into warnings.
	const nothing = { [key[0]]: sql.ref(`${table}.${key[0]}`) };
	await insertRows(db, rows, (some) => {
		const insert = db.insertInto(table).values(some);
		if (engineOf(db) === 'mysql') return insert.onDuplicateKeyUpdate(nothing as never);
		return insert.onConflict((conflict) => conflict.columns(key as never).doNothing());
	});
}

/** MySQL wants few statements, because each is a round trip; SQLite a short one that it prepares once. */
async function insertRows<Schema, Row extends object>(
	db: DatabaseOrTransaction<Schema>,
	rows: readonly Row[],
	statement: (rows: readonly Row[]) => Compilable,
): Promise<void> {
	const [first] = rows;
	if (!first) return;
	const columns = Object.keys(first);
	if (rows.some((row) => Object.keys(row).length !== columns.length)) throw new TypeError('Rows differ in columns.');
	if (engineOf(db) === 'mysql') {
		const size = Math.floor(VALUES_PER_STATEMENT / columns.length);
		for (let from = 0; from < rows.length; from += size)
			await db.executeQuery(statement(rows.slice(from, from + size)).compile());
	} else {
		const each: RowByRow = { ...statement([first]).compile(), columns, rows: rows as RowByRow['rows'] };
		await db.executeQuery(each);
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
