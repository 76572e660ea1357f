import type { DataSchema } from '@mydropbox/data-server';
import type { NamespaceId, UserId } from '@mydropbox/protocol';
import type { Database } from '@mydropbox/server-kit';

/** Whose rows each table keeps. */
const KEYS = {
	Namespaces: 'NamespaceId',
	Nodes: 'NamespaceId',
	NodeHistory: 'NamespaceId',
	Commits: 'NamespaceId',
	Contents: 'NamespaceId',
	Blocks: 'Owner',
	Segments: 'Owner',
} as const;
type TableName = keyof typeof KEYS;
const TABLES = Object.keys(KEYS) as TableName[];

/** All that the database has about one namespace and the blocks of its owner. */
export type Backup = ReadonlyMap<TableName, readonly object[]>;

export class Backups {
	readonly #db: Database<DataSchema>['db'];
	readonly #ids: Record<(typeof KEYS)[TableName], Buffer>;

	constructor({ db }: Database<DataSchema>, namespace: NamespaceId, owner: UserId) {
		this.#db = db;
		this.#ids = { NamespaceId: Buffer.from(namespace, 'hex'), Owner: Buffer.from(owner, 'hex') };
	}

	async take(): Promise<Backup> {
		const rows = TABLES.map(async (table) => {
			const key = KEYS[table];
			const query = this.#db.selectFrom(table).selectAll() as never as Rows;
			return [table, await query.where(key, '=', this.#ids[key]).execute()] as const;
		});
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
		for (const table of TABLES) {
			const key = KEYS[table];
			await (this.#db.deleteFrom(table) as never as Rows).where(key, '=', this.#ids[key]).execute();
		}
	}
}

/** What kysely's types cannot say of any table. */
interface Rows {
	where(column: string, is: '=', value: Buffer): { execute(): Promise<object[]> };
}
