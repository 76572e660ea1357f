import { existsSync } from 'node:fs';
import { access, constants, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { z } from 'zod';
import { StartupError } from '../startup-error.ts';
import type { Engine } from './engine.ts';
import { isDatabaseAway } from './faults.ts';
import { migrate } from './migrate.ts';
import { databaseName, ensureMysqlDatabase, mysqlDialect } from './mysql.ts';
import { sqliteDialect } from './sqlite.ts';

const EXPECTED = 'must be sqlite:/path/to/file.sqlite or mysql://user:password@host:port/name';

/** Where a database is: `sqlite:` and a path, or a `mysql://` address with a database name. */
export const DatabaseUrl = z.string().refine((text) => {
	if (text.startsWith('sqlite:')) return text.length > 'sqlite:'.length;
	if (!URL.canParse(text)) return false;
	const { protocol, pathname, search } = new URL(text);
	return ['mysql:', 'mariadb:'].includes(protocol) && databaseName(pathname) !== '' && search === '';
}, EXPECTED);

export interface Database<Schema> {
	readonly db: Kysely<Schema>;
	readonly engine: Engine;
	close(): Promise<void>;
}

export interface OpenOptions {
	/** A `DatabaseUrl`. */
	url: string;
	/** Folder of the `NNNN-*.sql` files that make the tables. */
	sqlDir: string;
	/** Refuses a database that is missing, instead of making it. */
	mustExist?: boolean;
	/** How long to wait for a MySQL server that is not up yet. */
	patienceMs?: number;
	/** Told once per failed attempt while waiting. */
	onWaiting?: (message: string) => void;
}

/**
 * Opens the database, makes it when it is missing and may be, and brings its tables up to date.
 * @throws StartupError that says what is wrong and what to do.
 */
export async function openDatabase<Schema>(options: OpenOptions): Promise<Database<Schema>> {
	const engine: Engine = options.url.startsWith('sqlite:') ? 'sqlite' : 'mysql';
	const db = engine === 'sqlite' ? await openSqlite<Schema>(options) : await openMysql<Schema>(options);
	try {
		await migrate(db, options.sqlDir);
	} catch (error) {
		await db.destroy();
		throw error;
	}
	return { db, engine, close: () => db.destroy() };
}

async function openSqlite<Schema>({ url, mustExist }: OpenOptions): Promise<Kysely<Schema>> {
	const named = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
	const path = named === ':memory:' ? named : resolve(named);
	if (mustExist && !existsSync(path)) throw new StartupError(`There is no database ${path}. Check --database.`);
	if (path !== ':memory:') {
		try {
			await mkdir(dirname(path), { recursive: true, mode: 0o700 });
			await access(dirname(path), constants.W_OK);
		} catch (error) {
			throw new StartupError(
				`The folder ${dirname(path)} of the database cannot be written to (${(error as NodeJS.ErrnoException).code}). ` +
					'Make it writable for this user, or choose another one.',
				{ cause: error },
			);
		}
	}
	const db = new Kysely<Schema>({ dialect: sqliteDialect(path) });
	try {
		// Made here for this user only; SQLite gives the files beside it the same mode.
		if (path !== ':memory:') await (await open(path, 'a', 0o600)).close();
		// The first query opens the file.
		await db.connection().execute(async () => {});
	} catch (error) {
		throw new StartupError(`The database ${path} cannot be opened: ${(error as Error).message}.`, { cause: error });
	}
	return db;
}

async function openMysql<Schema>({
	url,
	mustExist,
	patienceMs = 60_000,
	onWaiting,
}: OpenOptions): Promise<Kysely<Schema>> {
	const { username, host } = new URL(url);
	const deadline = Date.now() + patienceMs;
	for (;;) {
		try {
			await ensureMysqlDatabase(url, !mustExist);
			return new Kysely<Schema>({ dialect: mysqlDialect(url) });
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? '';
			if (!isDatabaseAway(error) || code.startsWith('ER_') || Date.now() > deadline) {
				throw new StartupError(
					`The database server ${host} cannot be used as user "${username}": ${(error as Error).message || code}. ` +
						'Check that it runs and that --database is right.',
					{ cause: error },
				);
			}
			onWaiting?.(`The database server ${host} does not answer yet (${code}); trying again every second.`);
		}
		await sleep(1000);
	}
}
