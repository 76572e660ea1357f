import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NamespaceId, NodeState, Operation, Rev } from '@mydropbox/protocol';
import { type Database, openDatabase } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import fc from 'fast-check';
import { BlockIndex, changesAfter, commit, type DataSchema, Namespaces, treeAsOf } from '../src/index.ts';
import { readNamespace } from '../src/journal/namespaces.ts';
import { ModelTree } from './support/model.ts';
import { blocksOf, fileOf, folderPut, MTIME } from './support/person.ts';
import { newId } from './support/token.ts';

const NODES = 8;
/** Even ones are folders, odd ones files or links. */
const node = fc.nat(NODES - 1);
/** -1 is the root; an odd one is no folder. */
const parent = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(-1) },
	{ weight: 6, arbitrary: fc.nat(NODES / 2 - 1).map((n) => n * 2) },
	{ weight: 1, arbitrary: node },
);
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
/** Most operations are made on what is there. */
const base = fc.oneof(
	{ weight: 12, arbitrary: fc.constant('right') },
	{ weight: 1, arbitrary: fc.constantFrom('zero', 'wrong') },
);
const put = fc.record({ op: fc.constant('put' as const), node, base, parent, name, size: fc.nat(4) });
const move = fc.record({ op: fc.constant('move' as const), node, base, parent, name });
/** `below` as many revs before the head. */
const remove = fc.record({
	op: fc.constant('delete' as const),
	node,
	base,
	below: fc.option(fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) }), {
		nil: undefined,
	}),
});
const wish = fc.oneof({ weight: 5, arbitrary: put }, { weight: 3, arbitrary: move }, { weight: 2, arbitrary: remove });
const story = fc.array(fc.array(wish, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 20, size: 'max' });

describeEachEngine('any story', (engine) => {
	let database: Database<DataSchema>;
	let directory: string;
	beforeAll(async () => {
		directory = await mkdtemp(join(tmpdir(), 'mydropbox-model-'));
		const sqlDir = resolve(import.meta.dirname, '../../../sql/data-server');
		database = await openDatabase({ url: engine.name === 'sqlite' ? 'sqlite::memory:' : engine.freshUrl(), sqlDir });
	});
	afterAll(async () => {
		await database.close();
		await rm(directory, { recursive: true, force: true });
	});

	test('goes on the server as on paper: tree, revs, usage, every past state, every reader', async () => {
		const runs = engine.name === 'sqlite' ? 400 : 40;
		await fc.assert(
			fc.asyncProperty(story, (commits) => play(database, commits)),
			{ numRuns: runs },
		);
	}, 120_000);
});

type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

async function play({ db }: Database<DataSchema>, commits: readonly (readonly Wish[])[]): Promise<void> {
	const namespace = newId<NamespaceId>();
	const grant = { id: namespace, owner: newId<never>(), ownerName: 'ann', quota: 1e9, rights: 'write' as const };
	await new Namespaces(db, () => new Date()).ensure(grant);
	const { epoch } = await readNamespace(db, namespace);
	const index = new BlockIndex(db);
	const blocks = ['x', 'xx', 'xxx']
		.flatMap(blocksOf)
		.map(({ hash, bytes }) => ({ hash, offset: 0, length: bytes.length }));
	await index.add({ owner: grant.owner, segment: newId<never>() }, 0, blocks, new Date());
	const model = new ModelTree(namespace);
	const ids = Array.from({ length: NODES }, () => newId<string>());
	const follower = new Follower();
	const committer = { grant, device: newId<never>(), deviceName: 'laptop', at: new Date() };
	for (const wishes of commits) {
		const operations = wishes.map((one) => toOperation(one, ids, model));
		const request = { namespace, epoch, key: newId<never>(), operations };
		const { results, head } = await commit(db, index, committer, request);
		expect(results.map(({ ok }) => ok)).toEqual(model.commit(operations));
		expect(head).toBe(model.head);
		const page = await changesAfter(db, { namespace, epoch, rev: follower.cursor as Rev }, 1 + (head % 3));
		if (page) follower.take(page);
	}
	for (let rev = 0; rev <= model.head; rev++) {
		const past = await treeAsOf(db, namespace, rev as Rev);
		const ids = new Set<string>([model.root, ...past.map(({ id }) => id)]);
		expect(past.filter(({ parent }) => !ids.has(parent))).toEqual([]);
		if (model.pasts[rev] !== undefined) expect(drawn(past)).toBe(model.pasts[rev]);
	}
	for (;;) {
		const page = await changesAfter(db, { namespace, epoch, rev: follower.cursor as Rev }, 3);
		if (!page || (page.changes.length === 0 && !page.more)) break;
		follower.take(page);
	}
	expect(drawn([...follower.nodes.values()])).toBe(model.drawing());
	const files = [...model.nodes.values()].filter(({ kind }) => kind === 'file');
	expect(await readNamespace(db, namespace)).toMatchObject({
		files: files.length,
		bytesUsed: files.reduce((sum, { size }) => sum + size, 0),
	});
}

/** A client that applies what it is told. */
class Follower {
	cursor = 0;
	readonly nodes = new Map<string, NodeState>();

	take(page: { changes: readonly (NodeState | { id: string; kind: 'deleted' })[]; cursor: number }): void {
		for (const change of page.changes) {
			if (change.kind === 'deleted') this.nodes.delete(change.id);
			else this.nodes.set(change.id, change);
		}
		this.cursor = page.cursor;
	}
}

function toOperation(one: Wish, ids: readonly string[], model: ModelTree): Operation {
	const id = ids[one.node] as string;
	const rev = model.nodes.get(id)?.rev ?? 0;
	const made = { right: rev, zero: 0, wrong: rev + 1 }[one.base as 'right'];
	if (one.op === 'delete') {
		const below = one.below === undefined ? {} : { below: Math.max(0, model.head - one.below) };
		return { op: 'delete', id, base: made, ...below } as Operation;
	}
	const parentId = ids[one.parent] ?? model.root;
	const place = { id, base: made, parent: parentId, name: one.name };
	if (one.op === 'move') return { op: 'move', ...place } as Operation;
	if (one.node % 2 === 0) return folderPut(id, parentId, one.name, made) as Operation;
	if (one.size === 0) {
		return { op: 'put', ...place, version: { kind: 'symlink', target: 'x', mtime: MTIME } } as Operation;
	}
	return { op: 'put', ...place, ...fileOf('x'.repeat(one.size - 1)) } as Operation;
}

const drawn = (nodes: readonly NodeState[]): string =>
	nodes
		.map((node) =>
			[node.id, node.parent, node.name, node.kind, node.kind === 'file' ? node.size : 0, node.rev].join(' '),
		)
		.sort()
		.join('\n');
