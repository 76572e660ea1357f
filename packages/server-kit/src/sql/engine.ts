import { type Kysely, MysqlAdapter } from 'kysely';

export type Engine = 'sqlite' | 'mysql';

/** Which engine a database or a transaction runs on. Only `sql/` asks; the rest of the house must not care. */
export const engineOf = <Schema>(db: Kysely<Schema>): Engine =>
	db.getExecutor().adapter instanceof MysqlAdapter ? 'mysql' : 'sqlite';
