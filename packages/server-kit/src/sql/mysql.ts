import { type Dialect, MysqlDialect } from 'kysely';
import { type ConnectionOptions, createConnection, createPool, type TypeCastField, type TypeCastNext } from 'mysql2';
import { toInteger } from './sqlite.ts';

const ER_BAD_DB_ERROR = 'ER_BAD_DB_ERROR';

/** What every connection is set to, whatever the server's own configuration says. */
const SESSION = [
	// Commits lock the rows they need; repeatable snapshots would only add gap locks and deadlocks.
	'set session transaction isolation level read committed',
	// Strict: a value that does not fit is an error, never silently cut. No escape-mode surprises.
	"set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', time_zone = '+00:00', innodb_lock_wait_timeout = 20",
];

/** @param url `mysql://user:password@host:port/name` */
export function mysqlDialect(url: string): Dialect {
	const pool = createPool({ ...connectionOptions(url), connectionLimit: 16, maxIdle: 16 });
	pool.on('connection', (connection) => {
		for (const statement of SESSION) connection.query(statement, (error) => error && connection.destroy());
	});
	return new MysqlDialect({ pool });
}

function connectionOptions(url: string): ConnectionOptions {
	const { hostname, port, username, password, pathname } = new URL(url);
	return {
		host: hostname.replace(/^\[|\]$/g, ''),
		port: Number(port || 3306),
		user: decodeURIComponent(username),
		password: decodeURIComponent(password),
		database: databaseName(pathname),
		charset: 'utf8mb4_bin',
		timezone: 'Z',
		connectTimeout: 5000,
		keepAliveInitialDelay: 10_000,
		supportBigNumbers: true,
		typeCast,
	};
}

export const databaseName = (pathname: string): string => decodeURIComponent(pathname.replace(/^\//, ''));

/** The same JavaScript types that `sqliteDialect` returns. SUM() over integers is a DECIMAL here and an integer there. */
function typeCast(field: TypeCastField, next: TypeCastNext): unknown {
	if (field.type !== 'LONGLONG' && field.type !== 'NEWDECIMAL') return next();
	const text = field.string();
	if (text === null) return null;
	return /^-?\d+$/.test(text) ? toInteger(BigInt(text)) : Number(text);
}

/**
 * Connects once, and makes the database when there is none of this name and it may.
 * @throws what the driver throws; `code` tells why.
 */
export async function ensureMysqlDatabase(url: string, mayMake: boolean): Promise<void> {
	const { database, ...server } = connectionOptions(url);
	try {
		await once({ ...server, database: database as string }, 'select 1');
	} catch (error) {
		if (!mayMake || (error as NodeJS.ErrnoException).code !== ER_BAD_DB_ERROR) throw error;
		const name = (database as string).replaceAll('`', '``');
		await once(server, `create database if not exists \`${name}\` character set utf8mb4 collate utf8mb4_bin`);
	}
}

function once(options: ConnectionOptions, statement: string): Promise<void> {
	const connection = createConnection(options);
	return new Promise<void>((resolve, reject) => {
		connection.on('error', reject);
		connection.query(statement, (error) => (error ? reject(error) : resolve()));
	}).finally(() => connection.destroy());
}
