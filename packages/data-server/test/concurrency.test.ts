import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type {
	CommitResponse,
	IdempotencyKey,
	NamespaceChanges,
	NamespaceId,
	NodeState,
	Rev,
} from '@mydropbox/protocol';
import { type Database, openDatabase } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import { BlockIndex, changesAfter, commit, type DataSchema, Namespaces, treeAsOf } from '../src/index.ts';
import { readNamespace } from '../src/journal/namespaces.ts';
import { folderPut } from './support/person.ts';
import { newId } from './support/token.ts';

const SERVERS = 3;
const WRITERS_PER_SERVER = 2;
const ROUNDS = 25;

/** Several servers on one database: nothing but the database itself keeps them apart. */
describeEachEngine('several servers on one database', (engine) => {
	let databases: Database<DataSchema>[];
	let grant: Parameters<Namespaces['ensure']>[0];
	beforeAll(async () => {
		const url = engine.freshUrl();
		const sqlDir = resolve(import.meta.dirname, '../../../sql/data-server');
		databases = [];
		for (let n = 0; n < SERVERS; n++) databases.push(await openDatabase<DataSchema>({ url, sqlDir }));
	}, 60_000);
	beforeEach(async () => {
		grant = { id: newId<NamespaceId>(), owner: newId(), ownerName: 'ann', quota: 1e9, rights: 'write' };
		await new Namespaces(dbOf(0), () => new Date()).ensure(grant);
	});
	afterAll(async () => {
		for (const database of databases) await database.close();
	});

	const dbOf = (server: number) => (databases[server % SERVERS] as Database<DataSchema>).db;
	const send = async (server: number, operations: readonly object[], key = newId<IdempotencyKey>()) => {
		const db = dbOf(server);
		const { epoch } = await readNamespace(db, grant.id);
		const committer = { grant, device: newId<never>(), deviceName: `${server}`, at: new Date() };
		const request = { namespace: grant.id, epoch, key, operations: operations as never };
		return commit(db, new BlockIndex(db), committer, request);
	};

	// S10
	test('readers get every later change, in order and without gaps, while all of them write', async () => {
		const { epoch } = await readNamespace(dbOf(0), grant.id);
		const writers = Array.from({ length: SERVERS * WRITERS_PER_SERVER }, (_, n) => write(n));
		let isWriting = true;
		const writing = Promise.all(writers).finally(() => {
			isWriting = false;
		});
		const readers = Array.from({ length: SERVERS }, (_, n) => read(n));
		await writing;
		const trees = await Promise.all(readers);
		const now = await treeAsOf(dbOf(0), grant.id, Number.MAX_SAFE_INTEGER as Rev);
		for (const tree of trees) expect(byId(tree)).toEqual(byId(now));

		/** Makes, moves and deletes folders of its own, among those of the others. */
		async function write(writer: number): Promise<void> {
			const mine: { id: string; rev: number }[] = [];
			for (let round = 0; round < ROUNDS; round++) {
				const made = Array.from({ length: 1 + (round % 3) }, () => newId<string>());
				const operations: object[] = made.map((id, n) => folderPut(id, grant.id, `${writer}-${round}-${n}`));
				const old = mine[round % 5];
				if (old) {
					const place = { op: 'move', id: old.id, base: old.rev, parent: grant.id, name: `${writer}-moved-${round}` };
					operations.push(round % 4 === 3 ? { op: 'delete', id: old.id, base: old.rev } : place);
				}
				const revs = revsOf(await send(writer, operations));
				made.forEach((id, n) => {
					mine.push({ id, rev: revs[n] as number });
				});
				if (old && round % 4 === 3) mine.splice(mine.indexOf(old), 1);
				else if (old) old.rev = revs.at(-1) as number;
			}
		}

		/** A device that polls, and applies what it is told. */
		async function read(reader: number): Promise<NodeState[]> {
			const tree = new Map<string, NodeState>();
			for (let rev = 0 as Rev, page = 0; ; page++) {
				// Writers on SQLite wait for each other by timers, which a reader that never waits would starve.
				await setImmediate();
				const wasWriting = isWriting;
				const news = await changesAfter(
					dbOf(reader),
					{ namespace: grant.id, epoch, rev },
					1 + ((page * 7 + reader) % 5),
				);
				for (const change of news?.changes ?? []) {
					expect(change.rev).toBeGreaterThan(rev);
					rev = change.rev;
					if (change.kind === 'deleted') tree.delete(change.id);
					else tree.set(change.id, change);
				}
				if (news) rev = news.cursor;
				else if (!wasWriting) return [...tree.values()];
			}
		}
	}, 60_000);

	// S10
	test('a page of changes is of one moment: what is committed while it is read is in the next one', async () => {
		const [stays, goes] = [newId<string>(), newId<string>()];
		await send(0, [folderPut(stays, grant.id, 'stays'), folderPut(goes, grant.id, 'goes')]);
		const { epoch } = await readNamespace(dbOf(0), grant.id);
		let committing: Promise<CommitResponse> | undefined;
		const db = afterQuery(dbOf(0), 'Nodes', async () => {
			committing ??= send(0, [{ op: 'delete', id: goes, base: 2 }]);
			// SQLite has one connection: the commit comes as soon as it is free, which may be before the next query.
			await (engine.name === 'mysql' ? committing : setImmediate());
		});
		const ids = (page: NamespaceChanges | undefined) => page?.changes.map(({ id, kind }) => [id, kind]);
		const page = await changesAfter(db, { namespace: grant.id, epoch, rev: 1 as Rev }, 10);
		expect([ids(page), page?.cursor]).toEqual([[[goes, 'folder']], 2]);
		await committing;
		const next = await changesAfter(db, { namespace: grant.id, epoch, rev: 2 as Rev }, 10);
		expect([ids(next), next?.cursor]).toEqual([[[goes, 'deleted']], 3]);
	});

	// S9
	test('the same commit from all sides at once is done once, and all hear the same', async () => {
		const key = newId<IdempotencyKey>();
		const operations = [folderPut(newId(), grant.id, 'once'), folderPut(newId(), newId(), 'nowhere')];
		const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => send(n, operations, key)));
		expect(answers.map(({ head, results }) => [head, results.map(({ ok }) => ok)])).toEqual(
			answers.map(() => [1, [true, false]]),
		);
		expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
	});

	// S9
	test('of several commits with one key only one is done; the others are told', async () => {
		const key = newId<IdempotencyKey>();
		const attempts = Array.from({ length: 6 }, (_, n) => send(n, [folderPut(newId(), grant.id, `${n}`)], key));
		const results = await Promise.allSettled(attempts);
		const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code);
		expect(refused).toEqual(Array.from({ length: 5 }, () => 'idempotency-mismatch'));
		expect((await readNamespace(dbOf(0), grant.id)).head).toBe(1);
	});
});

/** The database, where something happens after each query to a table. */
function afterQuery(db: Database<DataSchema>['db'], table: string, act: () => Promise<void>) {
	const wanted = new WeakSet<object>();
	return db.withPlugin({
		transformQuery({ node, queryId }) {
			if (JSON.stringify(node).includes(`"name":"${table}"`)) wanted.add(queryId);
			return node;
		},
		async transformResult({ result, queryId }) {
			if (wanted.has(queryId)) await act();
			return result;
		},
	});
}

const revsOf = ({ results }: CommitResponse): number[] =>
	results.map((result) => {
		if (!result.ok) throw new Error(result.message);
		return result.rev;
	});

const byId = (nodes: readonly NodeState[]): NodeState[] => [...nodes].sort((a, b) => a.id.localeCompare(b.id));
