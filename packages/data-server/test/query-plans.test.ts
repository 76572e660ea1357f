import { resolve } from 'node:path';
import { type NamespaceId, type Rev, rootOf } from '@mydropbox/protocol';
import { type Database, openDatabase, silentLog } from '@mydropbox/server-kit';
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import { versionAt } from '../src/history/history.ts';
import { deletedTree } from '../src/history/trash.ts';
import {
	BlockIndex,
	changesAfter,
	collectGarbage,
	commit,
	type DataSchema,
	listTrash,
	Namespaces,
	revAt,
	versionsOf,
} from '../src/index.ts';
import { readNamespace } from '../src/journal/namespaces.ts';
import { readContents } from '../src/tree/contents.ts';
import { findByPath } from '../src/tree/find.ts';
import { listFolder } from '../src/tree/listing.ts';
import { MemoryStorage } from './support/memory-storage.ts';
import { blocksOf, fileOf, folderPut } from './support/person.ts';
import { newId } from './support/token.ts';

/**
 * The cost of a request is proportional to what it asks for, never to the tree. SQLite plans by rule of thumb, and some
 * innocent-looking conditions make it go through a whole namespace; this looks at the plan of every query.
 */
test('no query goes through a namespace, an owner or a table', async () => {
	const seen: RootOperationNode[] = [];
	const spy: KyselyPlugin = {
		transformQuery: ({ node }) => {
			seen.push(node);
			return node;
		},
		transformResult: async ({ result }) => result,
	};
	const sqlDir = resolve(import.meta.dirname, '../../../sql/data-server');
	const database: Database<DataSchema> = await openDatabase({ url: 'sqlite::memory:', sqlDir });
	const db = database.db.withPlugin(spy);

	const id = newId<NamespaceId>();
	const grant = { id, owner: newId<never>(), ownerName: 'ann', quota: 1e9, rights: 'write' as const };
	await new Namespaces(db, () => new Date()).ensure(grant);
	const { epoch } = await readNamespace(db, id);
	const index = new BlockIndex(db);
	const run = async (operations: object[]) => {
		const by = { grant, device: newId<never>(), deviceName: 'laptop', at: new Date() };
		const { results } = await commit(db, index, by, {
			namespace: id,
			epoch,
			key: newId<never>(),
			operations: operations as never,
		});
		expect(results.filter(({ ok }) => !ok)).toEqual([]);
	};
	const blocks = blocksOf(['one', 'two']).map(({ hash }) => ({ hash, offset: 0, length: 3 }));
	const segment = newId<never>();
	await index.add({ owner: grant.owner, segment }, 9, blocks, new Date());
	const [docs, other, file] = [newId<string>(), newId<string>(), newId<string>()];
	await run([
		folderPut(docs, id, 'docs'),
		folderPut(other, id, 'other'),
		{ op: 'put', id: file, base: 0, parent: docs, name: 'a.txt', ...fileOf(['one', 'two']) },
	]);
	await run([{ op: 'move', id: docs, base: 1, parent: other, name: 'docs' }]);
	await changesAfter(db, { namespace: id, epoch, rev: 2 as Rev }, 10);
	await run([{ op: 'delete', id: other, base: 2, below: 4 }]);
	await run([folderPut(other, id, 'other')]);
	await findByPath(db, id, '/other');
	await listFolder(db, { namespace: id, path: '/', offset: 0, limit: 10 }, rootOf(id));
	await readContents(db, id, [fileOf(['one', 'two']).content.hash]);
	await index.locate(
		grant.owner,
		blocks.map(({ hash }) => hash),
	);
	await index.markDamaged({ owner: grant.owner, segment }, [blocks[0]?.hash as never]);
	await versionsOf(db, id, file as never, { limit: 10 });
	await versionAt(db, id, file as never, 3 as Rev);
	await listTrash(db, id, { before: 99 as Rev, limit: 10 });
	await deletedTree(db, id, docs as never);
	await revAt(db, id, new Date());
	// The collector goes through everything, in pages that each take as long as they are large.
	const now = () => new Date(Date.now() + 90 * 24 * 3_600_000);
	const storage = new MemoryStorage(now);
	const limits = { graceMs: 1, historyMs: 1, dryRun: false, pause: async () => {} };
	await collectGarbage({ db, storage, log: silentLog(), now, ...limits });

	const executor = database.db.getExecutor();
	const plans = new Map<string, string[]>();
	for (const node of seen) {
		const { sql, parameters } = executor.compileQuery(node, { queryId: 'explained' });
		const { rows } = await database.db.executeQuery<{ detail: string }>(
			CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
		);
		plans.set(
			sql,
			rows.map(({ detail }) => detail),
		);
	}
	expect(plans.size).toBeGreaterThan(20);
	const wholesale = /^SCAN (?!Way|Below|json_each|CONSTANT|\d+-ROW)|\((NamespaceId|Owner)=\?\)|AUTOMATIC/;
	const isByDesign = /sqlite_autoindex_(Namespaces|Devices|Owners)_1|NamespacesByOwner/;
	const bad = [...plans].filter(([, plan]) => plan.some((step) => wholesale.test(step) && !isByDesign.test(step)));
	expect(bad).toEqual([]);
	await database.close();
});
