import type { BlockRef, Content, ContentHash, Name, NodeId } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';
import { PARTS } from './parts.ts';
import { Recent } from './recent.ts';
import type { Contents, Lasting, LocalTable, Nodes, OpenTables, Rules, SyncedNodes, Table, Tables } from './tables.ts';

/** Nodes per tree that are remembered at least, and all that are dirty: each plan asks for them. Each takes about half a kilobyte. */
const NODES = 16_384;
/** Block lists are wanted again soon after they came, or not for long. */
const CONTENTS = 8192;
/** Longer ones are read again rather than kept. */
const LONG_CONTENT = 16;

/**
 * Tables with what was used last in memory. Writing goes through at once; questions about many nodes go to the tables.
 * @param nodes remembered per tree, at least.
 */
export const cachedTables =
	(open: OpenTables, nodes = NODES): OpenTables =>
	(dirty) =>
		new CachedTables(open(dirty), () => Math.max(nodes, dirty.size));

class CachedTables implements Tables {
	readonly remote: CachedTable<RemoteNode>;
	readonly local: CachedLocalTable;
	readonly synced: CachedSynced;
	readonly sent: Nodes<SentNode>;
	readonly applying: Nodes<ApplyingNode>;
	readonly deletes: Nodes<GuardedDelete>;
	readonly contents: CachedContents;
	readonly rules: Rules;
	readonly #tables: Tables;
	readonly #meta = new Map<string, string | null>();

	constructor(tables: Tables, nodes: () => number) {
		this.#tables = tables;
		this.remote = new CachedTable(tables.remote, PARTS.remote, nodes);
		this.local = new CachedLocalTable(tables.local, PARTS.local, nodes);
		this.synced = new CachedSynced(tables.synced, PARTS.synced, nodes);
		this.sent = tables.sent;
		this.applying = tables.applying;
		this.deletes = tables.deletes;
		this.contents = new CachedContents(tables.contents);
		this.rules = tables.rules;
	}

	transaction<T>(work: () => T, lasting: Lasting): T {
		try {
			return this.#tables.transaction(work, lasting);
		} catch (error) {
			this.#forget();
			throw error;
		}
	}

	/** Nobody knows what of it is still so. */
	#forget(): void {
		const { remote, local, synced, contents } = this;
		for (const cache of [remote, local, synced, contents]) cache.forget();
		this.#meta.clear();
	}

	meta(key: string): string | null {
		const known = this.#meta.get(key);
		if (known !== undefined) return known;
		const value = this.#tables.meta(key);
		this.#meta.set(key, value);
		return value;
	}

	setMeta(key: string, value: string): void {
		this.#tables.setMeta(key, value);
		this.#meta.set(key, value);
	}

	differing(): NodeId[] {
		return this.#tables.differing();
	}

	findBlock(block: BlockRef): { node: LocalNode; start: number } | undefined {
		return this.#tables.findBlock(block);
	}

	close(): void {
		this.#tables.close();
	}
}

class CachedNodes<Node extends TreeNode, Source extends Nodes<Node> = Nodes<Node>> implements Nodes<Node> {
	protected readonly source: Source;
	readonly #parts: (node: Node) => Node;
	/** null: there is none. */
	readonly #nodes: Recent<NodeId, Node | null>;

	constructor(source: Source, parts: (node: Node) => Node, nodes: () => number) {
		this.source = source;
		this.#parts = parts;
		this.#nodes = new Recent(nodes);
	}

	get(id: NodeId): Node | undefined {
		const known = this.#nodes.get(id);
		if (known !== undefined) return known ?? undefined;
		const node = this.source.get(id);
		this.#nodes.set(id, node ?? null);
		return node;
	}

	set(node: Node): void {
		this.source.set(node);
		this.remember(this.#parts(node));
	}

	protected remember(node: Node): void {
		this.#nodes.set(node.id, node);
	}

	delete(id: NodeId): void {
		this.source.delete(id);
		this.#nodes.set(id, null);
	}

	clear(): void {
		this.source.clear();
		this.forget();
	}

	forget(): void {
		this.#nodes.clear();
	}

	ids(): NodeId[] {
		return this.source.ids();
	}

	count(): number {
		return this.source.count();
	}
}

class CachedSynced extends CachedNodes<TreeNode, SyncedNodes> implements SyncedNodes {
	countFiles(): number {
		return this.source.countFiles();
	}
}

class CachedTable<Node extends TreeNode, Source extends Table<Node> = Table<Node>>
	extends CachedNodes<Node, Source>
	implements Table<Node>
{
	/** By parent and name, who was there when it was last asked or told; null: nobody. It may have moved away since. */
	readonly #places: Recent<string, NodeId | null>;

	constructor(source: Source, parts: (node: Node) => Node, nodes: () => number) {
		super(source, parts, nodes);
		this.#places = new Recent(nodes);
	}

	child(parent: NodeId, name: Name): Node | undefined {
		const known = this.#places.get(place(parent, name));
		if (known === null) return undefined;
		const there = known === undefined ? undefined : this.get(known);
		if (there?.parent === parent && there.name === name) return there;
		const node = this.source.child(parent, name);
		if (node) this.remember(node);
		else this.#places.set(place(parent, name), null);
		return node;
	}

	protected override remember(node: Node): void {
		super.remember(node);
		this.#places.set(place(node.parent, node.name), node.id);
	}

	override forget(): void {
		super.forget();
		this.#places.clear();
	}

	children(parent: NodeId): Node[] {
		return this.source.children(parent);
	}
}

class CachedLocalTable extends CachedTable<LocalNode, LocalTable> implements LocalTable {
	byIdentity(identity: string): LocalNode[] {
		return this.source.byIdentity(identity);
	}
}

class CachedContents implements Contents {
	readonly #contents: Contents;
	readonly #recent = new Recent<ContentHash, Content>(() => CONTENTS);

	constructor(contents: Contents) {
		this.#contents = contents;
	}

	get(hash: ContentHash): Content | undefined {
		const known = this.#recent.get(hash);
		if (known) return known;
		const content = this.#contents.get(hash);
		if (content) this.#remember(content);
		return content;
	}

	put(content: Content): boolean {
		const isNew = this.#contents.put(content);
		if (isNew) this.#remember(content);
		return isNew;
	}

	#remember(content: Content): void {
		if (content.blocks.length <= LONG_CONTENT) this.#recent.set(content.hash, content);
	}

	forget(): void {
		this.#recent.clear();
	}
}

const place = (parent: NodeId, name: Name): string => `${parent}/${name}`;
