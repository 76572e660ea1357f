import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { StartupError } from '../startup-error.ts';
import { engineOf } from './engine.ts';

interface Migration {
	readonly name: string;
	readonly checksum: string;
	readonly statements: readonly string[];
}

/** The house's own record of which files this database has seen. */
interface MigrationTable {
	Migrations: { Name: string; Checksum: string; Statements: number; StatementsDone: number; AppliedAt: number };
}

const LOCK_SECONDS = 120;
/** Table, column, key or view is already there, or already gone. */
const DONE_BEFORE = new Set([1050, 1060, 1061, 1091, 1051]);

/**
 * Brings the database to the newest schema: applies every `NNNN-*.sql` of the directory that it has not seen, in
 * order, once, also when several servers start at the same moment.
 * @throws StartupError when the database belongs to a newer version, or an applied file is not what it was.
 */
// biome-ignore lint/suspicious/noExplicitAny: works on any schema
export async function migrate(db: Kysely<any>, directory: string): Promise<void> {
	const migrations = await readMigrations(directory);
	if (engineOf(db) === 'sqlite') {
		// SQLite's DDL is transactional: everything or nothing.
		await db.transaction().execute((tx) => apply(tx as unknown as Kysely<MigrationTable>, migrations));
		return;
	}
	await db.connection().execute(async (connection) => {
		const lock = sql`concat('mydropbox-', md5(database()))`;
		const got = await sql<{ got: number | null }>`select get_lock(${lock}, ${LOCK_SECONDS}) as got`.execute(connection);
		if (got.rows[0]?.got !== 1) {
			throw new StartupError(
				`Another server has been changing the tables for ${LOCK_SECONDS} seconds; start again later.`,
			);
		}
		try {
			await apply(connection, migrations);
		} finally {
			await sql`select release_lock(${lock})`.execute(connection);
		}
	});
}

async function readMigrations(directory: string): Promise<Migration[]> {
	const names = (await readdir(directory)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
	return Promise.all(
		names.map(async (name) => {
			const text = await readFile(join(directory, name), 'utf8');
			return { name, checksum: createHash('sha256').update(text).digest('hex'), statements: splitStatements(text) };
		}),
	);
}

/** A statement ends with ";" at the end of a line; "--" starts a comment. Text literals must contain neither. */
function splitStatements(text: string): string[] {
	return text
		.replace(/(^|[ \t])--.*$/gm, '')
		.split(/;\s*$/m)
		.map((statement) => statement.trim())
		.filter((statement) => statement !== '');
}

async function apply(db: Kysely<MigrationTable>, migrations: readonly Migration[]): Promise<void> {
	await sql`create table if not exists Migrations (
		Name VARCHAR(120) NOT NULL PRIMARY KEY,
		Checksum CHAR(64) NOT NULL,
		Statements INTEGER NOT NULL,
		StatementsDone INTEGER NOT NULL,
		AppliedAt BIGINT NOT NULL
	)`.execute(db);
	const seen = new Map((await db.selectFrom('Migrations').selectAll().execute()).map((row) => [row.Name, row]));
	if (seen.size === 0 && engineOf(db) === 'mysql') {
		// Names and hashes compare byte by byte here, as they do on SQLite.
		await sql`alter database character set utf8mb4 collate utf8mb4_bin`.execute(db);
	}
	refuseStrangers(seen, migrations);
	for (const migration of migrations) {
		const row = seen.get(migration.name);
		if (row?.StatementsDone !== migration.statements.length) await run(db, migration, row?.StatementsDone);
	}
}

function refuseStrangers(seen: ReadonlyMap<string, { Checksum: string }>, migrations: readonly Migration[]): void {
	const known = new Map(migrations.map((migration) => [migration.name, migration]));
	for (const [name, row] of seen) {
		const migration = known.get(name);
		if (!migration) {
			throw new StartupError(
				`The database was last used by a newer version of MyDropbox (it has seen ${name}, which this version does not ` +
					'know). Nothing was changed. Start the newer version again, or restore a backup from before the update.',
			);
		}
		if (migration.checksum !== row.Checksum) {
			throw new StartupError(
				`The file ${name} is not the one that made this database's tables. Nothing was changed. ` +
					'An applied migration must never be edited: restore the file and put the change into a new one.',
			);
		}
	}
}

/**
 * MySQL commits each DDL statement by itself, so the progress is written down after each. A crash between a statement
 * and its mark makes the first statement of the next attempt find its own work done, which is then no error.
 */
async function run(db: Kysely<MigrationTable>, migration: Migration, doneBefore: number | undefined): Promise<void> {
	const { name, checksum, statements } = migration;
	if (doneBefore === undefined) {
		await db
			.insertInto('Migrations')
			.values({
				Name: name,
				Checksum: checksum,
				Statements: statements.length,
				StatementsDone: 0,
				AppliedAt: Date.now(),
			})
			.execute();
	}
	const resumedAt = doneBefore ?? -1;
	for (let index = doneBefore ?? 0; index < statements.length; index++) {
		try {
			await sql.raw(statements[index] as string).execute(db);
		} catch (error) {
			const wasDone = index === resumedAt && DONE_BEFORE.has((error as { errno?: number }).errno ?? 0);
			if (!wasDone) {
				throw new StartupError(`Statement ${index + 1} of ${name} failed: ${(error as Error).message}`, {
					cause: error,
				});
			}
		}
		await db
			.updateTable('Migrations')
			.set({ StatementsDone: index + 1 })
			.where('Name', '=', name)
			.execute();
	}
}
