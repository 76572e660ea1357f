import type { DeletedNode, EndedState, TreeNode, TreeSource, WorkingTree } from '@mydropbox/data-server';
import type { NodeId } from '@mydropbox/protocol';

/** The tables Nodes and NodeHistory. Lists come in the order of the real ones' indexes: revs are given out in it. */
export class MemoryTree implements TreeSource {
	readonly #nodes: Map<NodeId, TreeNode>;
	readonly #ended: EndedState[];

	constructor(nodes: Iterable<TreeNode>, ended: readonly EndedState[] = []) {
		this.#nodes = new Map(Array.from(nodes, (node) => [node.id, node]));
		this.#ended = ended.map((state) => ({ ...state }));
	}

	copy(): MemoryTree {
		return new MemoryTree(this.#nodes.values(), this.#ended);
	}

	get nodes(): Iterable<TreeNode> {
		return this.#nodes.values();
	}

	get ended(): readonly EndedState[] {
		return this.#ended;
	}

	async withAncestors(ids: readonly NodeId[]): Promise<TreeNode[]> {
		const found = new Set<TreeNode>();
		const add = (id: NodeId | null) => {
			const node = id && this.#nodes.get(id);
			if (node) found.add(node);
		};
		for (const id of [...ids].sort()) add(id);
		for (const node of found) add(node.parent);
		return [...found];
	}

	async at(places: Parameters<TreeSource['at']>[0]): Promise<TreeNode[]> {
		return places.flatMap(({ parent, name }) => this.#children(parent).filter((child) => child.name === name));
	}

	async childCounts(folders: readonly NodeId[]): Promise<Map<NodeId, number>> {
		return new Map(folders.map((id) => [id, this.#children(id).length]));
	}

	async below(folders: readonly NodeId[]): Promise<TreeNode[]> {
		const found = [...folders].sort().flatMap((id) => this.#children(id));
		for (const { id } of found) found.push(...this.#children(id));
		return found;
	}

	async deleted(ids: readonly NodeId[]): Promise<DeletedNode[]> {
		return this.tombstones().filter(({ id }) => ids.includes(id));
	}

	/** All nodes that are deleted now. */
	tombstones(): DeletedNode[] {
		return this.#ended
			.filter(({ isTombstone }) => isTombstone)
			.map(({ node, toRev }) => ({ id: node.id, kind: node.version.kind, rev: toRev }));
	}

	/** Takes over what a commit has made of the tree. */
	write(tree: WorkingTree): void {
		const { replaced, current, ended, revived, touched } = tree.outcome();
		for (const state of this.#ended) if (revived.includes(state.node.id)) state.isTombstone = false;
		for (const id of replaced) this.#nodes.delete(id);
		for (const node of current) this.#nodes.set(node.id, node);
		this.#ended.push(...ended);
		for (const id of touched) this.#nodes.set(id, { ...this.#nodes.get(id)!, subtreeRev: tree.totals.head });
	}

	/** By looking: simulated trees are small. */
	#children(parent: NodeId): TreeNode[] {
		const found = [...this.#nodes.values()].filter((node) => node.parent === parent);
		return found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
	}
}
