import { type Kysely, MysqlAdapter, type Transaction } from 'kysely';

export type Engine = 'sqlite' | 'mysql';

/** Spelled out, because TypeScript does not infer the schema of a transaction where only `Kysely` is asked for. */
export type DatabaseOrTransaction<Schema> = Kysely<Schema> | Transaction<Schema>;

/** Which engine a database or a transaction runs on. Only `sql/` asks; the rest of the house must not care. */
export const engineOf = <Schema>(db: DatabaseOrTransaction<Schema>): Engine =>
	db.getExecutor().adapter instanceof MysqlAdapter ? 'mysql' : 'sqlite';
