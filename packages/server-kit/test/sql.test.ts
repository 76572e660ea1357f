import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEachEngine } from '@mydropbox/testkit';
import { Kysely, sql } from 'kysely';
import {
	type Database,
	hexOf,
	insertAll,
	insertNew,
	isContention,
	isOneOf,
	isUniqueViolation,
	lockRow,
	openDatabase,
	textOf,
	transact,
	upsert,
} from '../src/index.ts';
import { mysqlDialect } from '../src/sql/mysql.ts';
import { sqliteDialect } from '../src/sql/sqlite.ts';

interface Schema {
	Things: { Id: number; Bytes: Buffer | null; Size: number | bigint; Label: string | null };
}

const TABLE = `-- Things; with a comment;
CREATE TABLE Things (
	Id INTEGER NOT NULL PRIMARY KEY, -- counts;
	Bytes VARBINARY(255),
	Size BIGINT NOT NULL DEFAULT 0,
	Label VARCHAR(100)
);
CREATE UNIQUE INDEX ThingsByLabel ON Things (Label);
`;

const thing = (Id: number, more: Partial<Schema['Things']> = {}): Schema['Things'] => ({
	Id,
	Bytes: null,
	Size: 0,
	Label: null,
	...more,
});

describeEachEngine('the database', (engine) => {
	let sqlDir: string;
	let database: Database<Schema>;

	beforeEach(async () => {
		sqlDir = await mkdtemp(join(tmpdir(), 'mydropbox-sql-'));
		await writeFile(join(sqlDir, '0001-things.sql'), TABLE);
		database = await openDatabase<Schema>({ url: engine.freshUrl(), sqlDir });
	});
	afterEach(async () => {
		await database.close();
		await rm(sqlDir, { recursive: true });
	});

	test('gives back exactly what was put in, with the same types', async () => {
		const bytes = Buffer.from([0, 1, 0xff, 0x27, 0x5c, 0x0a]);
		const rows = [
			thing(1, { Bytes: bytes, Size: 2n ** 62n, Label: "Ünï'co\\de 🎉" }),
			thing(2, { Bytes: Buffer.alloc(0), Size: Number.MAX_SAFE_INTEGER, Label: 'label' }),
			thing(3, { Size: -5, Label: 'Label' }),
		];
		await insertAll(database.db, 'Things', rows);
		expect(await database.db.selectFrom('Things').selectAll().orderBy('Id').execute()).toEqual(rows);
		const sum = await database.db
			.selectFrom('Things')
			.select((all) => all.fn.sum('Size').as('sum'))
			.where('Id', '>', 1)
			.execute();
		expect(sum).toEqual([{ sum: Number.MAX_SAFE_INTEGER - 5 }]);
	});

	test('gives bytes and 64 bits as text to whoever asks, and finds bytes by their text', async () => {
		const [one, two] = [Buffer.from([0, 0xab, 0x0c]), Buffer.from('Ünï🎉')];
		await insertAll(database.db, 'Things', [
			thing(1, { Bytes: one, Size: -(2n ** 62n) }),
			thing(2, { Bytes: two, Size: 7 }),
			thing(3),
		]);
		const { db } = database;
		const select = db.selectFrom('Things').orderBy('Id');
		const found = select
			.select([hexOf('Bytes').as('hex'), textOf('Size').as('size')])
			.where(isOneOf(db, 'Bytes', ['00ab0c', two.toString('hex'), 'ff']));
		expect(await found.execute()).toEqual([
			{ hex: '00ab0c', size: String(-(2n ** 62n)) },
			{ hex: two.toString('hex'), size: '7' },
		]);
		const texts = await select
			.select([hexOf('Bytes').as('hex'), textOf('Bytes').as('text')])
			.where('Id', '>', 1)
			.execute();
		expect(texts.map(({ hex, text }) => [hex || null, text])).toEqual([
			[two.toString('hex'), 'Ünï🎉'],
			[null, null],
		]);
	});

	test('compares text byte by byte', async () => {
		await insertAll(database.db, 'Things', [
			thing(1, { Label: 'a' }),
			thing(2, { Label: 'A' }),
			thing(3, { Label: 'ä' }),
		]);
		const found = await database.db.selectFrom('Things').select('Id').where('Label', '=', 'a').execute();
		expect(found).toEqual([{ Id: 1 }]);
	});

	test('inserts more rows than fit in one statement', async () => {
		const rows = Array.from({ length: 20_000 }, (_, index) => thing(index));
		await insertAll(database.db, 'Things', rows);
		const count = await database.db
			.selectFrom('Things')
			.select((all) => all.fn.countAll().as('n'))
			.execute();
		expect(count).toEqual([{ n: 20_000 }]);
	});

	test('inserts all rows or none, in a transaction and without', async () => {
		const rows = [thing(1), thing(2, { Label: 'x' }), thing(3, { Label: 'x' })];
		const ids = async () => (await database.db.selectFrom('Things').select('Id').execute()).map(({ Id }) => Id);
		await expect(insertAll(database.db, 'Things', rows)).rejects.toThrow();
		expect(await ids()).toEqual([]);
		await transact(database.db, async (tx) => {
			await insertAll(tx, 'Things', [thing(9)]);
			await expect(insertAll(tx, 'Things', rows)).rejects.toThrow();
		});
		expect(await ids()).toEqual([9]);
		await expect(insertAll(database.db, 'Things', [thing(4), { ...thing(5), More: 1 } as never])).rejects.toThrow(
			TypeError,
		);
	});

	test('insertNew leaves what is there, upsert changes it', async () => {
		await insertAll(database.db, 'Things', [thing(1, { Size: 10 })]);
		await insertNew(database.db, 'Things', [thing(1, { Size: 99 }), thing(2, { Size: 20 })], ['Id']);
		await insertNew(database.db, 'Things', [], ['Id']);
		await upsert(database.db, 'Things', thing(2), ['Id'], (row) => ({ Size: row('Size', '+', 1) }));
		await upsert(database.db, 'Things', thing(3, { Size: 30 }), ['Id'], { Size: 0 });
		const rows = await database.db.selectFrom('Things').select(['Id', 'Size']).orderBy('Id').execute();
		expect(rows).toEqual([
			{ Id: 1, Size: 10 },
			{ Id: 2, Size: 21 },
			{ Id: 3, Size: 30 },
		]);
	});

	test('tells a clash from other errors', async () => {
		await insertAll(database.db, 'Things', [thing(1, { Label: 'x' })]);
		for (const clash of [thing(1), thing(2, { Label: 'x' })]) {
			const error = await insertAll(database.db, 'Things', [clash]).catch((reason: unknown) => reason);
			expect(isUniqueViolation(error)).toBe(true);
			expect(isContention(error)).toBe(false);
		}
		const error = await insertAll(database.db, 'Things', [thing(3, { Size: null as never })]).catch((e: unknown) => e);
		expect(error).toBeDefined();
		expect(isUniqueViolation(error)).toBe(false);
	});

	test('counts the rows that an update found, changed or not', async () => {
		await insertAll(database.db, 'Things', [thing(1, { Size: 7 })]);
		const update = database.db.updateTable('Things').set({ Size: 7 });
		expect((await update.where('Id', '=', 1).executeTakeFirst()).numUpdatedRows).toBe(1n);
		expect((await update.where('Id', '=', 2).executeTakeFirst()).numUpdatedRows).toBe(0n);
	});

	test('a transaction that fails leaves nothing, and the next one works', async () => {
		const failed = transact(database.db, async (tx) => {
			await insertAll(tx, 'Things', [thing(1)]);
			throw new Error('changed my mind');
		});
		await expect(failed).rejects.toThrow('changed my mind');
		await transact(database.db, (tx) => insertAll(tx, 'Things', [thing(2)]));
		expect(await database.db.selectFrom('Things').select('Id').execute()).toEqual([{ Id: 2 }]);
	});

	test('no increment is lost, whoever else increments', async () => {
		await insertAll(database.db, 'Things', [thing(1), thing(2)]);
		const increment = (first: number, second: number) =>
			transact(database.db, async (tx) => {
				// Opposite orders of locking: MySQL finds deadlocks here, and they are run again.
				for (const id of [first, second]) {
					const query = tx.selectFrom('Things').select('Size').where('Id', '=', id);
					const { Size } = await lockRow(tx, query).executeTakeFirstOrThrow();
					await tx
						.updateTable('Things')
						.set({ Size: Number(Size) + 1 })
						.where('Id', '=', id)
						.execute();
				}
			});
		await Promise.all(Array.from({ length: 40 }, (_, turn) => (turn % 2 ? increment(1, 2) : increment(2, 1))));
		const rows = await database.db.selectFrom('Things').select('Size').execute();
		expect(rows).toEqual([{ Size: 40 }, { Size: 40 }]);
	});

	if (engine.name === 'sqlite') {
		test('the disk is not waited for by a lazy transaction, and by all others', async () => {
			const level = async (db: Kysely<Schema>) =>
				(await sql<{ synchronous: number }>`pragma synchronous`.execute(db)).rows[0]?.synchronous;
			const levels: unknown[] = [];
			const look = async (tx: Kysely<Schema>) => void levels.push(await level(tx));
			const fail = async (tx: Kysely<Schema>) => {
				await look(tx);
				throw new Error('no');
			};
			for (let round = 0; round < 2; round++) {
				await transact(database.db, look, { lazily: true });
				await transact(database.db, look);
			}
			await expect(transact(database.db, fail, { lazily: true })).rejects.toThrow('no');
			await look(database.db);
			const NORMAL = 1;
			const FULL = 2;
			expect(levels).toEqual([NORMAL, FULL, NORMAL, FULL, NORMAL, FULL]);
		});
	}
});

describeEachEngine('migrations', (engine) => {
	let sqlDir: string;
	let url: string;
	const open = async () => {
		const database = await openDatabase<Schema>({ url, sqlDir });
		await database.close();
	};

	beforeEach(async () => {
		url = engine.freshUrl();
		sqlDir = await mkdtemp(join(tmpdir(), 'mydropbox-sql-'));
		await writeFile(join(sqlDir, '0001-things.sql'), TABLE);
	});
	afterEach(() => rm(sqlDir, { recursive: true }));

	test('several servers that start at once make the tables once', async () => {
		await Promise.all([open(), open(), open()]);
	});

	test('a new file is applied to an old database', async () => {
		await open();
		await writeFile(join(sqlDir, '0002-colour.sql'), 'ALTER TABLE Things ADD COLUMN Colour VARCHAR(10);\n');
		const database = await openDatabase<Schema>({ url, sqlDir });
		await sql`select Colour from Things`.execute(database.db);
		await database.close();
	});

	test('a database of a newer version is refused', async () => {
		await writeFile(join(sqlDir, '0002-future.sql'), 'ALTER TABLE Things ADD COLUMN Colour VARCHAR(10);\n');
		await open();
		await rm(join(sqlDir, '0002-future.sql'));
		await expect(open()).rejects.toThrow(/newer version of MyDropbox.*0002-future\.sql/);
	});

	test('a file that was edited after it was applied is refused', async () => {
		await open();
		await writeFile(join(sqlDir, '0001-things.sql'), `${TABLE}\n-- edited\n`);
		await expect(open()).rejects.toThrow(/0001-things\.sql is not the one/);
	});

	test('a migration that broke off half-way goes on where it stopped', async () => {
		await open();
		await writeFile(join(sqlDir, '0002-two.sql'), 'CREATE TABLE One (A INTEGER);\nINSERT INTO Later (A) VALUES (1);\n');
		await expect(open()).rejects.toThrow(/Statement 2 of 0002-two\.sql failed/);
		await change('create table Later (A integer)');
		await open();
		await change('insert into One (A) values (1)');
	});

	if (engine.name === 'mysql') {
		test('a crash between a statement and the note that it was done does no harm', async () => {
			await open();
			await change('update Migrations set StatementsDone = 1');
			await open();
			const database = await openDatabase<{ Migrations: { StatementsDone: number } }>({ url, sqlDir });
			expect(await database.db.selectFrom('Migrations').select('StatementsDone').execute()).toEqual([
				{ StatementsDone: 2 },
			]);
			await database.close();
		});
	}

	/** What an administrator does by hand: nothing looks at the migrations. */
	async function change(statement: string): Promise<void> {
		const dialect = engine.name === 'sqlite' ? sqliteDialect(url.slice('sqlite:'.length)) : mysqlDialect(url);
		const db = new Kysely({ dialect });
		await sql.raw(statement).execute(db);
		await db.destroy();
	}
});

test('a SQLite database is for its user only, also in a folder that others may enter', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'mydropbox-sql-'));
	await chmod(folder, 0o755);
	await writeFile(join(folder, '0001-things.sql'), TABLE);
	const { close } = await openDatabase<Schema>({ url: `sqlite:${join(folder, 'a.sqlite')}`, sqlDir: folder });
	const files = (await readdir(folder)).filter((name) => name.startsWith('a.sqlite'));
	const modes = await Promise.all(files.map(async (name) => [name, (await stat(join(folder, name))).mode & 0o777]));
	await close();
	await rm(folder, { recursive: true });
	expect(modes).toEqual(['a.sqlite', 'a.sqlite-shm', 'a.sqlite-wal'].map((name) => [name, 0o600]));
});
