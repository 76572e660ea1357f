import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Content, ContentHash, Mtime, Name, NodeId, Rev } from '@mydropbox/protocol';
import { blockHash, contentOf } from '@mydropbox/protocol/content';
import { sameNode, type TreeNode, type Version } from '@mydropbox/sync-engine';
import fc from 'fast-check';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from '../src/state/nodes.ts';
import { sqliteTables } from '../src/state/sqlite/tables.ts';
import type { Lasting, Nodes, OpenTables, RuleFile, Table, Tables } from '../src/state/tables.ts';
import { TestFolder } from './support/folder.ts';

/** Few of each, so that random calls meet. */
const ALL_IDS = ['n1', 'n2', 'n3', 'n4', 'n5'] as NodeId[];
const ALL_NAMES = ['a', 'b', 'B', 'ä'] as Name[];
const ids = fc.constantFrom(...ALL_IDS);
const names = fc.constantFrom(...ALL_NAMES);
const BLOCKS = ['b1', 'b2', 'b3'].map((text, index) => ({ hash: blockHash(Buffer.from(text)), size: 5 + index }));
/** Each block alone, and some together. */
const CONTENTS = [[0], [1], [0, 1], [2, 1, 2], []].map((list) => contentOf(list.map((index) => BLOCKS[index]!)));
const hashes = fc.constantFrom(...CONTENTS.map(({ hash }) => hash));
const mtimes = fc.constantFrom('0', '1700000000000000001') as fc.Arbitrary<Mtime>;
const versions = fc.oneof(
	fc.record({
		kind: fc.constant('file' as const),
		content: hashes,
		size: fc.constantFrom(0, 2 ** 40),
		mtime: mtimes,
		exec: fc.boolean(),
	}),
	fc.record({ kind: fc.constant('symlink' as const), target: fc.constantFrom('x', '../y'), mtime: mtimes }),
	fc.record({ kind: fc.constant('folder' as const) }),
) as fc.Arbitrary<Version>;

const treeNode = { id: ids, parent: ids, name: names, version: versions };
const disk = fc.record({
	name: fc.constantFrom('a', 'A'),
	identity: fc.constantFrom('i1', 'i2'),
	stamp: fc.constantFrom('', 's'),
	mtime: mtimes,
	racy: fc.boolean(),
});
const agrees = fc.constantFrom('version', 'place', 'gone', null);
const standing = fc.constantFrom('let-go', 'held', 'confirmed');
/** One tree has what another has not: a table keeps what its own nodes are made of. */
const nodes = fc.record({
	...treeNode,
	rev: fc.constantFrom(1, 2 ** 40) as fc.Arbitrary<Rev>,
	disk,
	agrees,
	standing,
	at: fc.nat(99),
});
const unread = nodes.map((node) => ({
	...node,
	version: node.version.kind === 'file' ? { ...node.version, content: null } : node.version,
}));
type AnyNode = LocalNode & RemoteNode & ApplyingNode & GuardedDelete;

const contents = fc.constantFrom(...CONTENTS);

const TREES = ['remote', 'local', 'synced'] as const;
const KINDS = [...TREES, 'sent', 'applying', 'deletes'] as const;
type Kind = (typeof KINDS)[number];
const changes = fc.oneof(
	fc.record({ do: fc.constant('set' as const), kind: fc.constantFrom(...KINDS), node: nodes }),
	fc.record({ do: fc.constant('set' as const), kind: fc.constant('local' as const), node: unread }),
	fc.record({ do: fc.constant('delete' as const), kind: fc.constantFrom(...KINDS), id: ids }),
	fc.record({ do: fc.constant('clear' as const), kind: fc.constantFrom(...KINDS) }),
	fc.record({ do: fc.constant('content' as const), content: contents }),
	fc.record({ do: fc.constant('rules' as const), folder: ids, text: fc.constantFrom('', '*.tmp') }),
	fc.record({ do: fc.constant('no rules' as const), folder: fc.option(ids) }),
	fc.record({ do: fc.constant('meta' as const), key: fc.constantFrom('k', 'l'), value: fc.constantFrom('', 'v') }),
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;
const works = fc.array(
	fc.record({
		as: fc.constantFrom('single calls', 'transaction', 'transaction that throws', 'open again'),
		changes: fc.array(changes, { maxLength: 12 }),
		lasting: fc.constantFrom('at-once', 'later'),
	}),
	{ maxLength: 8 },
);
type Work = (typeof works extends fc.Arbitrary<infer T> ? T : never)[number];

/** What the tables say, kept without any index. */
class Model {
	readonly nodes: Record<Kind, Map<NodeId, TreeNode>>;
	readonly contents: Map<ContentHash, Content>;
	readonly rules: Map<NodeId, RuleFile>;
	readonly meta: Map<string, string>;

	constructor(from?: Model) {
		this.nodes = Object.fromEntries(KINDS.map((kind) => [kind, new Map(from?.nodes[kind])])) as typeof this.nodes;
		this.contents = new Map(from?.contents);
		this.rules = new Map(from?.rules);
		this.meta = new Map(from?.meta);
	}

	copy(): Model {
		return new Model(this);
	}

	/** In the trees that are compared with each other. */
	changedSince(before: Model): NodeId[] {
		return ALL_IDS.filter((id) => TREES.some((tree) => this.nodes[tree].get(id) !== before.nodes[tree].get(id)));
	}

	apply(change: Change): void {
		switch (change.do) {
			case 'set':
				this.nodes[change.kind].set(change.node.id, nodeFor(change.kind, change.node));
				break;
			case 'delete':
				this.nodes[change.kind].delete(change.id);
				break;
			case 'clear':
				this.nodes[change.kind].clear();
				break;
			case 'content':
				if (!this.contents.has(change.content.hash)) this.contents.set(change.content.hash, change.content);
				break;
			case 'rules':
				this.rules.set(change.folder, { stamp: 's', text: change.text });
				break;
			case 'no rules':
				if (change.folder) this.rules.delete(change.folder);
				else this.rules.clear();
				break;
			case 'meta':
				this.meta.set(change.key, change.value);
		}
	}
}

function nodeFor(kind: Kind, { rev, disk, agrees, standing, at, ...node }: AnyNode): TreeNode {
	const deletes = { standing, at };
	const more = { remote: { rev }, local: { disk }, synced: {}, sent: { rev }, applying: { agrees }, deletes };
	return { ...node, ...more[kind] };
}

function apply(tables: Tables, change: Change): void {
	switch (change.do) {
		case 'set':
			(tables[change.kind] as Nodes<AnyNode>).set(change.node);
			break;
		case 'delete':
			tables[change.kind].delete(change.id);
			break;
		case 'clear':
			tables[change.kind].clear();
			break;
		case 'content':
			tables.contents.put(change.content);
			break;
		case 'rules':
			tables.rules.set(change.folder, { stamp: 's', text: change.text });
			break;
		case 'no rules':
			if (change.folder) tables.rules.delete(change.folder);
			else tables.rules.clear();
			break;
		case 'meta':
			tables.setMeta(change.key, change.value);
	}
}

const sorted = <T>(items: Iterable<T>): T[] =>
	[...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

function expectAlike(tables: Tables, model: Model): void {
	for (const kind of KINDS) {
		const expected = model.nodes[kind];
		expect(sorted(tables[kind].ids())).toEqual(sorted(expected.keys()));
		expect(tables[kind].count()).toBe(expected.size);
		for (const id of ALL_IDS) expect(tables[kind].get(id)).toEqual(expected.get(id));
	}
	const files = [...model.nodes.synced.values()].filter(({ version }) => version.kind !== 'folder');
	expect(tables.synced.countFiles()).toBe(files.length);
	for (const tree of ['remote', 'local'] as const) {
		const [table, expected] = [tables[tree] as Table<TreeNode>, model.nodes[tree]];
		for (const id of ALL_IDS) {
			const children = [...expected.values()].filter(({ parent }) => parent === id);
			expect(sorted(table.children(id))).toEqual(sorted(children));
			for (const name of ALL_NAMES) {
				const there = children.filter((child) => child.name === name);
				if (there.length === 0) expect(table.child(id, name)).toBeUndefined();
				else expect(there).toContainEqual(table.child(id, name));
			}
		}
	}
	const { remote, local, synced } = model.nodes;
	for (const identity of ['i1', 'i2']) {
		const there = ([...local.values()] as LocalNode[]).filter((node) => node.disk.identity === identity);
		expect(sorted(tables.local.byIdentity(identity))).toEqual(sorted(there));
	}
	const differs = (a: TreeNode | undefined, b: TreeNode | undefined) => !sameNode(a, b);
	const differing = ALL_IDS.filter(
		(id) => differs(remote.get(id), synced.get(id)) || differs(local.get(id), synced.get(id)),
	);
	expect(sorted(new Set(tables.differing()))).toEqual(differing);
	for (const { hash } of CONTENTS) expect(tables.contents.get(hash)).toEqual(model.contents.get(hash));
	expect(tables.rules.isEmpty).toBe(model.rules.size === 0);
	for (const id of ALL_IDS) expect(tables.rules.get(id)).toEqual(model.rules.get(id));
	for (const key of ['k', 'l']) expect(tables.meta(key)).toBe(model.meta.get(key) ?? null);
	expectBlocksFound(tables, model);
}

function expectBlocksFound(tables: Tables, { contents, nodes }: Model): void {
	for (const block of BLOCKS) {
		const places = [...contents.values()].flatMap(({ hash, blocks }) => {
			const at = blocks.findIndex(({ hash }) => hash === block.hash);
			const start = blocks.slice(0, at).reduce((sum, { size }) => sum + size, 0);
			const holds = ({ version }: TreeNode) => version.kind === 'file' && version.content === hash;
			return at < 0 ? [] : [...nodes.local.values()].filter(holds).map((node) => ({ node, start }));
		});
		const found = tables.findBlock(block);
		if (places.length === 0) expect(found).toBeUndefined();
		else expect(places).toContainEqual(found);
	}
}

function runAll(works: readonly Work[], open: OpenTables): void {
	const reported = new Set<NodeId>();
	const reopen = () => open(reported);
	let tables = reopen();
	let model = new Model();
	for (const { as, changes, lasting } of works) {
		const before = model;
		model = before.copy();
		reported.clear();
		const work = () => {
			for (const change of changes) apply(tables, change);
		};
		if (as === 'single calls') work();
		else if (as === 'transaction') tables.transaction(work, lasting);
		else if (as === 'transaction that throws') {
			expect(() => tables.transaction(() => [work(), fail()], lasting)).toThrow('the disk is full');
		}
		if (as === 'open again') {
			tables.close();
			tables = reopen();
		} else if (as !== 'transaction that throws') for (const change of changes) model.apply(change);
		expectAlike(tables, model);
		expect(model.changedSince(before).filter((id) => !reported.has(id))).toEqual([]);
	}
	tables.close();
}

const fail = (): never => {
	throw new Error('the disk is full');
};

describe('tables, one contract', () => {
	const holds = (newPlace: () => OpenTables, numRuns: number) =>
		fc.assert(
			fc.property(works, (list) => runAll(list, newPlace())),
			{ numRuns },
		);

	test('in memory', () => {
		holds(() => memoryTables(new MemoryFile()), 100);
	});

	test.each([2, 1000])('in SQLite, with %i nodes remembered', (nodes) => {
		const at = new TestFolder();
		let files = 0;
		try {
			holds(() => sqliteTables(join(at.dir, `${++files}.db`), nodes), 60);
		} finally {
			at.remove();
		}
	});

	test('a copy of what is in memory goes its own way', () => {
		const file = new MemoryFile();
		const tables = memoryTables(file)(new Set());
		tables.setMeta('k', 'before');
		const copy = memoryTables(new MemoryFile(file))(new Set());
		tables.setMeta('k', 'after');
		expect(copy.meta('k')).toBe('before');
	});

	test('a power cut takes back what was to be durable later, and some of it only', () => {
		const file = new MemoryFile();
		const tables = memoryTables(file)(new Set());
		const set = (value: string, lasting: Lasting) => tables.transaction(() => tables.setMeta('k', value), lasting);
		set('lost', 'later');
		set('durable', 'at-once');
		for (const value of ['1', '2', '3']) set(value, 'later');
		file.undo.cutPower(() => 2);
		expect(tables.meta('k')).toBe('2');
		file.undo.cutPower(() => 0);
		expect(tables.meta('k')).toBe('2');
		set('3', 'later');
		tables.setMeta('alone', 'durable with all before');
		file.undo.cutPower(() => 0);
		expect(tables.meta('k')).toBe('3');
	});

	test('notes that pile up are written anew, and are the same', () => {
		const at = new TestFolder();
		try {
			const open = sqliteTables(join(at.dir, 'state.db'));
			const ids = Array.from({ length: 300 }, (_, i) => `n${i}` as NodeId);
			const note = (id: NodeId, rev: number): SentNode => ({
				...{ id, parent: 'p' as NodeId, name: id as string as Name, version: { kind: 'folder' } },
				rev: rev as Rev,
			});
			const tables = open(new Set());
			for (let rev = 1; rev <= 20; rev++)
				tables.transaction(() => {
					for (const id of ids) tables.sent.set(note(id, rev));
				}, 'at-once');
			tables.sent.delete(ids[0]!);
			tables.close();
			const again = open(new Set());
			expect(again.sent.ids().map((id) => again.sent.get(id))).toEqual(ids.slice(1).map((id) => note(id, 20)));
			again.close();
			const db = new DatabaseSync(join(at.dir, 'state.db'));
			expect(db.prepare('select count(*) as rows from sent').get()!.rows).toBeLessThan(10);
			db.close();
		} finally {
			at.remove();
		}
	});
});
