import type { Mutant } from './mutant.ts';

/** What keeps S1, S4, S9, S10 and S17 on the server. */
export const SERVER_MUTANTS: readonly Mutant[] = [
	{
		name: 'server-credulous',
		guard: 'the server refuses what was made on an older state',
		file: 'data-server/src/tree/operations.ts',
		from: '\tif (base !== (stored?.rev ?? 0)) return true;\n',
		to: '',
	},
	{
		name: 'server-repeats',
		guard: 'a commit that is sent again is answered again, and not done again',
		file: 'data-server/src/journal/commit.ts',
		from: '\t\tif (earlier) return earlier;\n',
		to: "\t\tif (earlier) await tx.deleteFrom('Commits').where('IdempotencyKey', '=', toBytes(request.key)).execute();\n",
	},
	{
		name: 'commit-unlocked',
		guard: 'the namespace is locked while a commit takes its revs',
		file: 'data-server/src/journal/namespaces.ts',
		from: 'return toNamespace(await lockRow(tx, query).executeTakeFirstOrThrow());',
		to: 'return toNamespace(await query.executeTakeFirstOrThrow());',
		test: {
			suite: 'data-server/test/concurrency.test.ts',
			name: 'readers get every later change, in order and without gaps, while all of them write',
		},
	},
	{
		name: 'page-torn',
		guard: 'a page of changes is read at one moment',
		file: 'data-server/src/journal/changes.ts',
		from: 'return snapshot(db, async (tx) => {',
		to: 'return ((_: unknown, work: (tx: any) => Promise<any>) => work(db))(db, async (tx) => {',
		test: {
			suite: 'data-server/test/concurrency.test.ts',
			name: 'a page of changes is of one moment: what is committed while it is read is in the next one',
		},
	},
	{
		name: 'blocks-unsynced',
		guard: 'uploaded blocks are on the disk before the answer',
		file: 'data-server/src/blocks/local-directory.ts',
		from: '\t\tawait file.sync();\n',
		to: '',
		test: { suite: 'data-server/test/durable.test.ts', name: 'a segment is synced before it gets its name' },
	},
	{
		name: 'names-unsynced',
		guard: 'the name of a segment is on the disk before the answer',
		file: 'data-server/src/blocks/local-directory.ts',
		from: '\t\tawait folder.sync();\n',
		to: '',
		test: { suite: 'data-server/test/durable.test.ts', name: 'a segment is synced before it gets its name' },
	},
	{
		name: 'blocks-unverified',
		guard: 'every block that is read has the hash that was asked for',
		file: 'data-server/src/blocks/block-store.ts',
		from: '\t\t\tif (verify && blockHash(own) !== block.hash) await this.#reportDamage(owner, block);\n',
		to: '',
		test: { suite: 'data-server/test/blocks.test.ts', name: 'wrong bytes never leave' },
	},
	{
		name: 'gc-graceless',
		guard: 'a block waits for the commit that names it',
		file: 'data-server/src/gc/collect.ts',
		from: 'new Date(now().getTime() - graceMs)',
		to: 'new Date(now().getTime())',
		test: { suite: 'data-server/test/gc.test.ts', name: 'blocks that nobody committed go after the grace period' },
	},
	{
		name: 'gc-unlocked',
		guard: 'no commit names a block while the collector removes it',
		file: 'data-server/src/gc/sweep.ts',
		from: 'await marks.catchUp(tx, await lockNamespacesOf(tx, owner));',
		to: 'await marks.catchUp(tx, []);',
		test: {
			suite: 'data-server/test/gc.test.ts',
			name: 'a commit that has seen a block, and the collector that is about to remove it',
		},
	},
];
