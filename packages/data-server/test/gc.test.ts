import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockHash, Rev } from '@mydropbox/protocol';
import { openDatabase } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import { type KyselyPlugin, sql } from 'kysely';
import {
	BlockIndex,
	changesAfter,
	type DataSchema,
	listTrash,
	type Store,
	treeAsOf,
	versionsOf,
} from '../src/index.ts';
import { readNamespace } from '../src/journal/namespaces.ts';
import { DAY, GRACE, Heap, HISTORY, HOUR } from './support/heap.ts';
import { fileOf } from './support/person.ts';

const SQL_DIRECTORY = resolve(import.meta.dirname, '../../../sql/data-server');

describeEachEngine('garbage', (engine) => {
	let database: Store['database'];
	let heap: Heap;
	beforeAll(async () => {
		const url = engine.name === 'sqlite' ? 'sqlite::memory:' : engine.freshUrl();
		database = await openDatabase<DataSchema>({ url, sqlDir: SQL_DIRECTORY });
	});
	beforeEach(async () => {
		await empty();
		heap = await new Heap(database.db).open();
	});
	afterAll(() => database.close());

	const empty = async () => {
		for (const table of ['Blocks', 'Segments', 'Owners', 'Contents', 'Nodes', 'NodeHistory', 'Commits', 'Namespaces'])
			await database.db.deleteFrom(table as 'Blocks').execute();
	};

	test('blocks that nobody committed go after the grace period, with their segment', async () => {
		await heap.upload(['a', 'b']);
		await heap.file('kept', 'c');
		heap.later(GRACE - HOUR);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 0, segmentsDeleted: 0 });
		expect(await heap.storedBlocks()).toHaveLength(3);
		heap.later(2 * HOUR);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 2, bytesRemoved: 2, segmentsDeleted: 1 });
		await heap.expectAllReadable();
		await heap.expectNoGarbage();
	});

	test('old versions and what was deleted stay as long as history is kept, current files for ever', async () => {
		await heap.file('a', 'one');
		await heap.file('gone', 'two');
		heap.later(DAY);
		await heap.file('a', 'three');
		await heap.remove('gone');
		heap.later(HISTORY - HOUR);
		expect(await heap.collect()).toMatchObject({ statesForgotten: 0, blocksRemoved: 0 });
		expect([await heap.read('one'), await heap.read('two')]).toEqual(['one', 'two']);
		heap.later(2 * HOUR);
		expect(await heap.collect()).toMatchObject({ statesForgotten: 2, contentsRemoved: 2, blocksRemoved: 2 });
		heap.later(10 * HISTORY);
		await heap.collect();
		await heap.expectAllReadable();
		await heap.expectNoGarbage();
	});

	// S3, S10: a device that was away for years.
	test('a delete is heard at any cursor, however long ago it was', async () => {
		await heap.file('gone', 'one');
		await heap.file('stays', 'two');
		const { epoch, head } = await readNamespace(heap.db, heap.namespace);
		const id = heap.files.get('gone')?.id;
		await heap.remove('gone');
		heap.later(1000 * DAY);
		expect(await heap.collect()).toMatchObject({ statesForgotten: 1 });
		const page = await changesAfter(heap.db, { namespace: heap.namespace, epoch, rev: head }, 10);
		expect(page).toMatchObject({ reset: false, changes: [{ id, kind: 'deleted' }] });
	});

	test('the past is shown as far as it is whole', async () => {
		const { db, namespace } = heap;
		await heap.file('a', 'one');
		await heap.file('b', 'b');
		await heap.file('a', 'two');
		await heap.remove('b');
		heap.later(HISTORY + HOUR);
		await heap.file('a', 'three');
		await heap.collect();
		const id = heap.files.get('a')?.id as never;
		expect((await versionsOf(db, namespace, id, { limit: 9 })).reverse().map(({ state }) => state)).toMatchObject([
			{ ...fileOf('two').version, rev: 3 },
			{ ...fileOf('three').version, rev: 5 },
		]);
		expect(await listTrash(db, namespace, { before: 99 as Rev, limit: 9 })).toEqual([]);
		expect(await treeAsOf(db, namespace, 4 as Rev)).toMatchObject([{ name: 'a', rev: 3 }]);
		await expect(treeAsOf(db, namespace, 3 as Rev)).rejects.toMatchObject({ code: 'not-found' });
	});

	test('a content that came back, or is named twice, stays', async () => {
		await heap.file('a', 'same');
		await heap.file('b', 'same');
		await heap.file('c', 'away and back');
		await heap.remove('a');
		await heap.remove('c');
		heap.later(HISTORY + HOUR);
		await heap.commit('c', 'away and back');
		await heap.collect();
		await heap.expectAllReadable();
	});

	test('what is left of mostly dead segments is brought together in one', async () => {
		const dead = 'x'.repeat(1000);
		for (const name of ['a', 'b', 'c']) {
			await heap.upload([`block of ${name}`, dead + name]);
			await heap.commit(name, `block of ${name}`);
		}
		heap.later(GRACE + HOUR);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 3, segmentsCompacted: 3, segmentsDeleted: 3 });
		expect(heap.storage.segments.size).toBe(1);
		await heap.expectAllReadable();
		await heap.expectNoGarbage();
		expect(await heap.collect()).toMatchObject({ segmentsCompacted: 0, segmentsDeleted: 0 });
	});

	test('whoever is reading a segment when it goes gets the block from where it went', async () => {
		await heap.upload(['needed', 'x'.repeat(1000)]);
		await heap.commit('a', 'needed');
		const located = await heap.blocks.locate(
			heap.owner,
			fileOf('needed').content.blocks.map(({ hash }) => hash),
		);
		heap.later(GRACE + HOUR);
		await heap.collect();
		expect(heap.storage.segments.has(located[0]?.segment as string)).toBe(false);
		const read: string[] = [];
		for await (const group of heap.blocks.read(heap.owner, located))
			read.push(...group.map(({ bytes }) => bytes.toString()));
		expect(read).toEqual(['needed']);
	});

	test('a damaged block stays where it is while a file needs it, and is replaced when it is sent again', async () => {
		await heap.upload(['needed', 'x'.repeat(1000)]);
		await heap.commit('a', 'needed');
		for (const { bytes } of heap.storage.segments.values()) bytes.write('N', bytes.indexOf('needed'));
		heap.later(GRACE + HOUR);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 1, segmentsDeleted: 0 });
		expect(await heap.blocks.missing(heap.owner, await heap.storedBlocks())).toHaveLength(1);
		await heap.upload('needed');
		await heap.expectAllReadable();
		heap.later(GRACE + HOUR);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 0 });
		await heap.expectAllReadable();
		await heap.expectNoGarbage();
	});

	test('a segment that nobody knows is taken in, and goes like any other', async () => {
		await heap.file('a', 'known');
		await heap.upload('stray');
		const { db, owner } = heap;
		const stray = await heap.index.locate(
			owner,
			(await heap.storedBlocks()).filter((hash) => hash === hashOf('stray')),
		);
		const segment = Buffer.from([...stray.values()][0]?.segment as string, 'hex');
		await db.deleteFrom('Blocks').where('SegmentId', '=', segment).execute();
		await db.deleteFrom('Segments').where('SegmentId', '=', segment).execute();
		expect(await heap.collect()).toMatchObject({ segmentsAdopted: 0 });
		heap.later(GRACE + HOUR);
		expect(await heap.collect()).toMatchObject({ segmentsAdopted: 1, blocksRemoved: 0 });
		expect(await heap.read('stray')).toBe('stray');
		heap.later(GRACE + HOUR);
		expect(await heap.collect()).toMatchObject({ segmentsAdopted: 0, blocksRemoved: 1 });
		await heap.expectNoGarbage();
	});

	test('a dry run says what would go, and nothing goes', async () => {
		await heap.upload(['a', 'bb']);
		await heap.file('a', 'one');
		await heap.file('a', 'two');
		heap.later(HISTORY + HOUR);
		const before = await heap.storedBlocks();
		expect(await heap.collect({ dryRun: true })).toMatchObject({ blocksRemoved: 3, bytesRemoved: 6 });
		expect(await heap.storedBlocks()).toEqual(before);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 3, bytesRemoved: 6 });
	});

	test("somebody's blocks are left alone when there is no tree of theirs", async () => {
		await heap.file('a', 'one');
		await heap.db.deleteFrom('Namespaces').execute();
		heap.later(GRACE + HISTORY);
		expect(await heap.collect()).toMatchObject({ blocksRemoved: 0 });
		expect(await heap.read('one')).toBe('one');
	});

	test('uploads that are never committed end at the limit; a commit makes room, and so does the collector', async () => {
		await heap.upload('12345678', 10);
		await expect(heap.upload('abcd', 10)).rejects.toMatchObject({ code: 'quota-exceeded' });
		expect(await heap.blocks.missing(heap.owner, [hashOf('abcd')])).toHaveLength(1);
		await heap.commit('a', '12345678');
		await heap.upload('abcdefgh', 10);
		await expect(heap.upload('efgh', 10)).rejects.toMatchObject({ code: 'quota-exceeded' });
		heap.later(GRACE + HOUR);
		await heap.collect();
		await heap.upload('efgh', 10);
		expect(await heap.index.uncommitted(heap.owner)).toBe(4);
	});

	test('many uploads at once do not get past the limit together', async () => {
		const uploads = Array.from({ length: 20 }, (_, n) => heap.upload(String(n).padStart(4, '-'), 10));
		const results = await Promise.allSettled(uploads);
		expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(2);
		expect(await heap.index.uncommitted(heap.owner)).toBeLessThanOrEqual(10);
	});

	// S17
	test('a commit that has seen a block, and the collector that is about to remove it: one of them comes first', async () => {
		await heap.upload('late');
		heap.later(GRACE + HOUR);
		const seen = Promise.withResolvers<void>();
		const goOn = Promise.withResolvers<void>();
		class Slow extends BlockIndex {
			override async stored(...args: Parameters<BlockIndex['stored']>) {
				const found = await super.stored(...args);
				seen.resolve();
				await goOn.promise;
				return found;
			}
		}
		const committing = heap.commit('late', 'late', new Slow(heap.db));
		await seen.promise;
		let isDone = false;
		const collecting = heap.collect().finally(() => {
			isDone = true;
		});
		// SQLite has one connection, which the commit holds.
		while (!isDone && engine.name === 'mysql' && (await lockWaits(heap.db)) === 0) await sleep(LOCKS_SEEN_MS);
		goOn.resolve();
		expect(await committing).toBe(true);
		expect(await collecting).toMatchObject({ blocksRemoved: 0 });
		await heap.expectAllReadable();
	});

	// S17, S8: the collector dies at any of its calls to the database or the storage.
	test('interrupted anywhere, nothing that is needed is gone, and the next run finishes the work', async () => {
		let calls = 0;
		let dieAt = Number.POSITIVE_INFINITY;
		const call = () => {
			if (++calls === dieAt) throw new Error('killed');
		};
		const killer: KyselyPlugin = {
			transformQuery: ({ node }) => {
				call();
				return node;
			},
			transformResult: async ({ result }) => result,
		};
		const run = async () => {
			await empty();
			dieAt = Number.POSITIVE_INFINITY;
			const one = await new Heap(database.db, call).open();
			await one.file('a', 'old');
			await one.file('a', ['new', 'longer']);
			await one.file('b', 'deleted');
			await one.remove('b');
			await one.upload(['kept from here', 'dead '.repeat(100)]);
			await one.commit('c', 'kept from here');
			await one.upload('nobody wants me');
			one.later(HISTORY + HOUR);
			return one;
		};
		const whole = await run();
		calls = 0;
		await whole.collect({ db: database.db.withPlugin(killer) });
		const total = calls;
		expect(total).toBeGreaterThan(25);
		for (let at = 1; at <= total; at++) {
			const one = await run();
			calls = 0;
			dieAt = at;
			await expect(one.collect({ db: database.db.withPlugin(killer) })).rejects.toThrow('killed');
			dieAt = Number.POSITIVE_INFINITY;
			await one.expectAllReadable();
			// What was written and never told is known after one grace period, and gone after another.
			for (const _ of [1, 2, 3]) {
				await one.collect();
				await one.expectAllReadable();
				one.later(GRACE + HOUR);
			}
			await one.expectNoGarbage();
		}
	}, 120_000);
});

/** InnoDB shows its locks anew only when nobody has looked for 100 ms. */
const LOCKS_SEEN_MS = 120;

async function lockWaits(db: Heap['db']): Promise<number> {
	const query = sql<{
		n: number;
	}>`select count(*) as n from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`;
	return (await query.execute(db)).rows[0]?.n ?? 0;
}

const hashOf = (text: string): BlockHash => fileOf(text).content.blocks[0]?.hash as BlockHash;
