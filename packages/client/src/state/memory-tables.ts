import type { BlockHash, BlockRef, Content, ContentHash, Name, NodeId } from '@mydropbox/protocol';
import { sameNode, type TreeNode } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';
import { PARTS } from './parts.ts';
import type { Contents, Lasting, LocalTable, OpenTables, RuleFile, Rules, Table, Tables } from './tables.ts';
import { Undo } from './undo.ts';

/** What stands for a database's file: it outlives whoever opens it, which only one does at a time. */
export class MemoryFile {
	readonly remote: Map<NodeId, RemoteNode>;
	readonly local: Map<NodeId, LocalNode>;
	readonly synced: Map<NodeId, TreeNode>;
	readonly sent: Map<NodeId, SentNode>;
	readonly applying: Map<NodeId, ApplyingNode>;
	readonly deletes: Map<NodeId, GuardedDelete>;
	readonly contents: Map<ContentHash, Content>;
	readonly rules: Map<NodeId, RuleFile>;
	readonly meta: Map<string, string>;
	/** Outlives whoever opens it, as what is not durable yet does. */
	readonly undo = new Undo();

	/** @param from what it is a copy of; never while that is in the middle of a transaction. */
	constructor(from?: MemoryFile) {
		this.remote = new Map(from?.remote);
		this.local = new Map(from?.local);
		this.synced = new Map(from?.synced);
		this.sent = new Map(from?.sent);
		this.applying = new Map(from?.applying);
		this.deletes = new Map(from?.deletes);
		this.contents = new Map(from?.contents);
		this.rules = new Map(from?.rules);
		this.meta = new Map(from?.meta);
	}
}

/** For simulations of many small trees: what SQLite answers, in a fraction of the time. */
export const memoryTables =
	(file: MemoryFile): OpenTables =>
	(dirty) =>
		new MemoryTables(file, dirty);

class MemoryTables implements Tables {
	readonly remote: MemoryTable<RemoteNode>;
	readonly local: MemoryLocalTable;
	readonly synced: MemoryTable<TreeNode>;
	readonly sent: MemoryTable<SentNode>;
	readonly applying: MemoryTable<ApplyingNode>;
	readonly deletes: MemoryTable<GuardedDelete>;
	readonly contents: MemoryContents;
	readonly rules: MemoryRules;
	readonly #meta: Map<string, string>;
	readonly #undo: Undo;

	constructor(file: MemoryFile, dirty: Set<NodeId>) {
		const { undo } = file;
		this.#undo = undo;
		const changed = (id: NodeId) => void dirty.add(id);
		const silent = () => undefined;
		this.remote = new MemoryTable(file.remote, undo, changed, PARTS.remote);
		this.local = new MemoryLocalTable(file.local, undo, changed, PARTS.local);
		this.synced = new MemoryTable(file.synced, undo, changed, PARTS.synced);
		this.sent = new MemoryTable(file.sent, undo, silent, PARTS.sent);
		this.applying = new MemoryTable(file.applying, undo, silent, PARTS.applying);
		this.deletes = new MemoryTable(file.deletes, undo, silent, PARTS.deletes);
		this.contents = new MemoryContents(file.contents, undo);
		this.rules = new MemoryRules(file.rules, undo);
		this.#meta = file.meta;
	}

	meta(key: string): string | null {
		return this.#meta.get(key) ?? null;
	}

	setMeta(key: string, value: string): void {
		put(this.#meta, key, value, this.#undo);
	}

	transaction<T>(work: () => T, lasting: Lasting): T {
		return this.#undo.transaction(work, lasting);
	}

	differing(): NodeId[] {
		const { remote, local, synced } = this;
		const ids = new Set([...remote.ids(), ...local.ids(), ...synced.ids()]);
		const isAlike = (id: NodeId) => sameNode(remote.get(id), synced.get(id)) && sameNode(local.get(id), synced.get(id));
		return [...ids].filter((id) => !isAlike(id));
	}

	findBlock({ hash }: BlockRef): { node: LocalNode; start: number } | undefined {
		for (const { content, start } of this.contents.places(hash)) {
			const node = this.local.byContent(content);
			if (node) return { node, start };
		}
		return undefined;
	}

	close(): void {
		// Everything is in the file already.
	}
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, undo: Undo): void {
	const before = map.get(key);
	undo.note(() => (before === undefined ? map.delete(key) : map.set(key, before)));
	map.set(key, value);
}

class MemoryTable<Node extends TreeNode> implements Table<Node> {
	protected readonly nodes: Map<NodeId, Node>;
	readonly #undo: Undo;
	readonly #changed: (id: NodeId) => void;
	/** What nodes of this tree are made of. */
	readonly #pick: (node: Node) => Node;
	readonly #children = new Map<NodeId, Set<NodeId>>();

	constructor(nodes: Map<NodeId, Node>, undo: Undo, changed: (id: NodeId) => void, pick: (node: Node) => Node) {
		this.nodes = nodes;
		this.#undo = undo;
		this.#changed = changed;
		this.#pick = pick;
		for (const node of nodes.values()) this.#place(node);
	}

	get(id: NodeId): Node | undefined {
		return this.nodes.get(id);
	}

	child(parent: NodeId, name: Name): Node | undefined {
		for (const id of this.#children.get(parent) ?? []) {
			const node = this.nodes.get(id)!;
			if (node.name === name) return node;
		}
		return undefined;
	}

	children(parent: NodeId): Node[] {
		return Array.from(this.#children.get(parent) ?? [], (id) => this.nodes.get(id)!);
	}

	ids(): NodeId[] {
		return [...this.nodes.keys()];
	}

	count(): number {
		return this.nodes.size;
	}

	countFiles(): number {
		return [...this.nodes.values()].filter(({ version }) => version.kind !== 'folder').length;
	}

	set(node: Node): void {
		this.#replace(node.id, this.#pick(node));
	}

	delete(id: NodeId): void {
		this.#replace(id, undefined);
	}

	clear(): void {
		for (const id of this.ids()) this.delete(id);
	}

	#replace(id: NodeId, node: Node | undefined): void {
		const before = this.nodes.get(id);
		this.#undo.note(() => this.#put(id, before));
		this.#put(id, node);
		this.#changed(id);
	}

	#put(id: NodeId, node: Node | undefined): void {
		const before = this.nodes.get(id);
		if (before) this.#children.get(before.parent)!.delete(id);
		if (node) {
			this.nodes.set(id, node);
			this.#place(node);
		} else this.nodes.delete(id);
	}

	#place({ id, parent }: Node): void {
		const siblings = this.#children.get(parent);
		if (siblings) siblings.add(id);
		else this.#children.set(parent, new Set([id]));
	}
}

class MemoryLocalTable extends MemoryTable<LocalNode> implements LocalTable {
	byIdentity(identity: string): LocalNode[] {
		return [...this.nodes.values()].filter(({ disk }) => disk.identity === identity);
	}

	byContent(content: ContentHash): LocalNode | undefined {
		for (const node of this.nodes.values()) {
			if (node.version.kind === 'file' && node.version.content === content) return node;
		}
		return undefined;
	}
}

class MemoryContents implements Contents {
	readonly #contents: Map<ContentHash, Content>;
	readonly #undo: Undo;
	/** By block; what was taken back may still be here. */
	readonly #holders = new Map<BlockHash, Set<ContentHash>>();

	constructor(contents: Map<ContentHash, Content>, undo: Undo) {
		this.#contents = contents;
		this.#undo = undo;
		for (const content of contents.values()) this.#remember(content);
	}

	get(hash: ContentHash): Content | undefined {
		return this.#contents.get(hash);
	}

	put({ hash, chunker, size, blocks }: Content): boolean {
		if (this.#contents.has(hash)) return false;
		const content = { hash, chunker, size, blocks: blocks.map(({ hash, size }) => ({ hash, size })) };
		put(this.#contents, hash, content, this.#undo);
		this.#remember(content);
		return true;
	}

	#remember({ hash, blocks }: Content): void {
		for (const block of blocks) {
			const holders = this.#holders.get(block.hash);
			if (holders) holders.add(hash);
			else this.#holders.set(block.hash, new Set([hash]));
		}
	}

	/** The contents that hold the block, each with the first place in it. */
	places(block: BlockHash): { content: ContentHash; start: number }[] {
		return Array.from(this.#holders.get(block) ?? []).flatMap((content) => {
			let start = 0;
			for (const { hash, size } of this.#contents.get(content)?.blocks ?? []) {
				if (hash === block) return [{ content, start }];
				start += size;
			}
			return [];
		});
	}
}

class MemoryRules implements Rules {
	readonly #files: Map<NodeId, RuleFile>;
	readonly #undo: Undo;

	constructor(files: Map<NodeId, RuleFile>, undo: Undo) {
		this.#files = files;
		this.#undo = undo;
	}

	get isEmpty(): boolean {
		return this.#files.size === 0;
	}

	get(folder: NodeId): RuleFile | undefined {
		return this.#files.get(folder);
	}

	set(folder: NodeId, { stamp, text }: RuleFile): void {
		put(this.#files, folder, { stamp, text }, this.#undo);
	}

	delete(folder: NodeId): void {
		const before = this.#files.get(folder);
		if (before) this.#undo.note(() => this.#files.set(folder, before));
		this.#files.delete(folder);
	}

	clear(): void {
		for (const folder of [...this.#files.keys()]) this.delete(folder);
	}
}
