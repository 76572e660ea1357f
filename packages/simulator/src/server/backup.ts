import type { DataSchema } from '@mydropbox/data-server';
import type { Database } from '@mydropbox/server-kit';

const TABLES = ['Namespaces', 'Nodes', 'NodeHistory', 'Commits', 'Contents', 'Blocks', 'Segments', 'Owners'] as const;

/** All that the database has about the tree and its blocks. */
export type Backup = ReadonlyMap<(typeof TABLES)[number], readonly object[]>;

/** A world has the database to itself. */
export class Backups {
	readonly #db: Database<DataSchema>['db'];

	constructor({ db }: Database<DataSchema>) {
		this.#db = db;
	}

	async take(): Promise<Backup> {
		const rows = TABLES.map(async (table) => [table, await this.#db.selectFrom(table).selectAll().execute()] as const);
		return new Map(await Promise.all(rows));
	}

	async restore(backup: Backup): Promise<void> {
		await this.clear();
		for (const [table, rows] of backup) {
			if (rows.length > 0)
				await this.#db
					.insertInto(table)
					.values(rows as never)
					.execute();
		}
	}

	async clear(): Promise<void> {
		for (const table of TABLES) await this.#db.deleteFrom(table).execute();
	}
}
