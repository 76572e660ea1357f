import type { Name, NodeId } from '@mydropbox/protocol';
import type { TreeNode, TreeReader } from './tree.ts';

/** A tree in memory: for tests, simulations and property checks. */
export class MemoryTree implements TreeReader {
	readonly #nodes = new Map<NodeId, TreeNode>();
	readonly #children = new Map<NodeId, Set<NodeId>>();

	constructor(nodes: Iterable<TreeNode> = []) {
		for (const node of nodes) this.set(node);
	}

	get(id: NodeId): TreeNode | undefined {
		return this.#nodes.get(id);
	}

	child(parent: NodeId, name: Name): TreeNode | undefined {
		for (const node of this.children(parent)) if (node.name === name) return node;
		return undefined;
	}

	*children(parent: NodeId): Generator<TreeNode> {
		for (const id of this.#children.get(parent) ?? []) yield this.#nodes.get(id)!;
	}

	all(): IterableIterator<TreeNode> {
		return this.#nodes.values();
	}

	set(node: TreeNode): void {
		this.delete(node.id);
		this.#nodes.set(node.id, node);
		const siblings = this.#children.get(node.parent) ?? new Set();
		this.#children.set(node.parent, siblings.add(node.id));
	}

	/** What is below stays where it is: a mirror is allowed to be ahead in one place and behind in another. */
	delete(id: NodeId): void {
		const node = this.#nodes.get(id);
		if (!node) return;
		this.#nodes.delete(id);
		this.#children.get(node.parent)?.delete(id);
	}
}
