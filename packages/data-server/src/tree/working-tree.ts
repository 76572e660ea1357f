import type { DeviceId, Name, NodeId, NodeVersion, Rev } from '@mydropbox/protocol';
import type { DeletedNode, TreeNode } from './tree-node.ts';
import type { Place, TreeSource } from './tree-source.ts';

/** Numbers of a namespace that its commits keep. */
export interface Totals {
	head: Rev;
	/** No path has more names. */
	maxDepth: number;
	bytesUsed: number;
	files: number;
}

/** A state that is over, with the rev that ended it. */
export interface EndedState {
	readonly node: TreeNode;
	readonly toRev: Rev;
	/** The node is deleted now. */
	isTombstone: boolean;
}

const placeKey = (parent: NodeId, name: Name): string => `${parent}/${name}`;

/**
 * The part of a namespace's tree that a commit touches: what the database holds, and over it what the operations
 * have done so far. It answers at once for whatever was fetched before; `tree/operations.ts` decides, this obeys.
 */
export class WorkingTree {
	readonly totals: Totals;
	readonly root: NodeId;
	readonly #source: TreeSource;
	readonly #by: DeviceId;
	readonly #at: string;
	/** As in the database; the same state as long as the commit has not changed the node. */
	readonly #stored = new Map<NodeId, TreeNode>();
	readonly #nodes = new Map<NodeId, TreeNode>();
	readonly #places = new Map<string, NodeId>();
	readonly #deleted = new Map<NodeId, DeletedNode>();
	readonly #childCounts = new Map<NodeId, number>();
	/** Of fetched nodes; all children only if the folder is among #listed. */
	readonly #children = new Map<NodeId, Set<NodeId>>();
	readonly #listed = new Set<NodeId>();
	readonly #changed = new Set<NodeId>();
	readonly #revived = new Set<NodeId>();
	readonly #ended = new Map<NodeId, EndedState[]>();
	/** Folders with news below; with each of them all that are above it. */
	readonly #touched = new Set<NodeId>();

	constructor(source: TreeSource, root: NodeId, totals: Totals, by: { device: DeviceId; at: string }) {
		this.#source = source;
		this.root = root;
		this.totals = { ...totals };
		this.#by = by.device;
		this.#at = by.at;
	}

	/** Fetches what will be asked for, in few queries. */
	async fetch(wanted: { ids: readonly NodeId[]; places: readonly Place[]; emptied: readonly NodeId[] }): Promise<void> {
		for (const node of await this.#source.withAncestors(wanted.ids)) this.#load(node);
		// A folder that is not there yet has nobody in it; the parents are among the ids.
		const inTheWay = await this.#source.at(wanted.places.filter(({ parent }) => this.#stored.has(parent)));
		for (const node of inTheWay) this.#load(node);
		const counts = await this.#source.childCounts(wanted.emptied);
		for (const folder of wanted.emptied) this.#childCounts.set(folder, counts.get(folder) ?? 0);
		const absent = wanted.ids.filter((id) => !this.#nodes.has(id));
		for (const node of await this.#source.deleted(absent)) this.#deleted.set(node.id, node);
	}

	node(id: NodeId): TreeNode | undefined {
		return this.#nodes.get(id);
	}

	/** As it was before the commit, which is what its operations were made on. */
	stored(id: NodeId): TreeNode | undefined {
		return this.#stored.get(id);
	}

	deleted(id: NodeId): DeletedNode | undefined {
		return this.#nodes.has(id) ? undefined : this.#deleted.get(id);
	}

	at(parent: NodeId, name: Name): TreeNode | undefined {
		const id = this.#places.get(placeKey(parent, name));
		return id && this.node(id);
	}

	/** Of a folder among the `emptied` that were fetched, or a new one. */
	hasChildren(folder: NodeId): boolean {
		const count = this.#childCounts.get(folder);
		if (count === undefined) throw new Error(`the children of ${folder} were never counted`);
		return count > 0;
	}

	/** Whether the way up from `id` passes through `ancestor`; a node is within itself. */
	isWithin(id: NodeId, ancestor: NodeId): boolean {
		for (let node = this.#nodes.get(id); node; node = this.#parent(node)) if (node.id === ancestor) return true;
		return false;
	}

	/** Names on the way from the root. */
	depth(id: NodeId): number {
		let depth = -1;
		for (let node = this.#nodes.get(id); node; node = this.#parent(node)) depth++;
		return depth;
	}

	/** Everything below, children before their parents. Fetches what is not here yet. */
	async below(id: NodeId): Promise<TreeNode[]> {
		for (;;) {
			const unlisted: NodeId[] = [];
			const found = this.#collect(id, unlisted);
			if (unlisted.length === 0) return found.reverse();
			for (const node of await this.#source.below(unlisted)) {
				this.#load(node);
				if (node.version.kind === 'folder') this.#listed.add(node.id);
			}
			for (const folder of unlisted) this.#listed.add(folder);
		}
	}

	/** Levels of names below a folder. */
	async height(id: NodeId): Promise<number> {
		const depth = this.depth(id);
		let height = 0;
		for (const node of await this.below(id)) height = Math.max(height, this.depth(node.id) - depth);
		return height;
	}

	/** A rev for one accepted operation. */
	nextRev(): Rev {
		this.totals.head = (this.totals.head + 1) as Rev;
		return this.totals.head;
	}

	/** Creates the node, or makes it what is said here. */
	put(rev: Rev, id: NodeId, parent: NodeId, name: Name, version: NodeVersion): void {
		const before = this.#end(id, rev);
		// A folder that comes back had changes below in its first life: all were before this rev.
		const subtreeRev = before?.subtreeRev ?? rev;
		const node = { id, parent, name, version, rev, subtreeRev, changedBy: this.#by, changedAt: this.#at };
		this.#nodes.set(id, node);
		this.#link(node);
		this.#count(version, 1);
		this.#touch(parent);
		if (!before) this.#begin(node);
	}

	/** Deletes a node that has nothing below it any more. */
	remove(id: NodeId, rev: Rev): void {
		const node = this.#end(id, rev) as TreeNode;
		this.#nodes.delete(id);
		this.#deleted.set(id, { id, kind: node.version.kind, rev });
		(this.#ended.get(id)?.at(-1) as EndedState).isTombstone = true;
	}

	/** What has to be written. */
	outcome() {
		const changed = [...this.#changed];
		const current = changed.map((id) => this.#nodes.get(id)).filter((node) => node !== undefined);
		return {
			/** Nodes whose stored row is no longer true. */
			replaced: changed.filter((id) => this.#stored.has(id)),
			/** States that take their place, and new nodes. */
			current: current.map((node) => (this.#touched.has(node.id) ? { ...node, subtreeRev: this.totals.head } : node)),
			ended: [...this.#ended.values()].flat(),
			/** Nodes that were deleted before this commit and are back. */
			revived: [...this.#revived],
			/** Folders that are otherwise unchanged. One bound for all: at most too late by the rest of this commit. */
			touched: [...this.#touched].filter((id) => !this.#changed.has(id)),
		};
	}

	/** A node that an operation has changed, moved or deleted already stays so. */
	#load(node: TreeNode): void {
		if (this.#stored.has(node.id)) return;
		this.#stored.set(node.id, node);
		this.#nodes.set(node.id, node);
		if (node.parent) {
			this.#places.set(placeKey(node.parent, node.name), node.id);
			childrenOf(this.#children, node.parent).add(node.id);
		}
	}

	/** Ends the node's state, if it has one, and takes it out of its place. */
	#end(id: NodeId, rev: Rev): TreeNode | undefined {
		this.#changed.add(id);
		const node = this.node(id);
		if (!node) return undefined;
		const ended = this.#ended.get(id);
		const state = { node, toRev: rev, isTombstone: false };
		if (ended) ended.push(state);
		else this.#ended.set(id, [state]);
		this.#unlink(node);
		this.#count(node.version, -1);
		this.#touch(node.parent as NodeId);
		return node;
	}

	/** A node that was not there: new, or back. */
	#begin(node: TreeNode): void {
		if (node.version.kind === 'folder') {
			this.#listed.add(node.id);
			if (!this.#childCounts.has(node.id)) this.#childCounts.set(node.id, 0);
		}
		if (!this.#deleted.delete(node.id)) return;
		const last = this.#ended.get(node.id)?.at(-1);
		if (last) last.isTombstone = false;
		else this.#revived.add(node.id);
	}

	#link({ id, parent, name }: TreeNode): void {
		if (!parent) return;
		this.#places.set(placeKey(parent, name), id);
		childrenOf(this.#children, parent).add(id);
		this.#adjustCount(parent, 1);
	}

	#unlink({ id, parent, name }: TreeNode): void {
		if (!parent) return;
		this.#places.delete(placeKey(parent, name));
		this.#children.get(parent)?.delete(id);
		this.#adjustCount(parent, -1);
	}

	#adjustCount(folder: NodeId, by: number): void {
		const count = this.#childCounts.get(folder);
		if (count !== undefined) this.#childCounts.set(folder, count + by);
	}

	#count(version: NodeVersion, sign: 1 | -1): void {
		if (version.kind !== 'file') return;
		this.totals.files += sign;
		this.totals.bytesUsed += sign * version.size;
	}

	#touch(folder: NodeId): void {
		for (let node = this.#nodes.get(folder); node; node = this.#parent(node)) {
			if (this.#touched.has(node.id)) return;
			this.#touched.add(node.id);
		}
	}

	#parent({ parent }: TreeNode): TreeNode | undefined {
		return parent === null ? undefined : this.#nodes.get(parent);
	}

	/** Parents before their children. */
	#collect(folder: NodeId, unlisted: NodeId[]): TreeNode[] {
		const found: TreeNode[] = [];
		const folders = [folder];
		for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
			if (!this.#listed.has(next)) unlisted.push(next);
			for (const id of this.#children.get(next) ?? []) {
				const node = this.node(id) as TreeNode;
				found.push(node);
				if (node.version.kind === 'folder') folders.push(id);
			}
		}
		return found;
	}
}

function childrenOf(children: Map<NodeId, Set<NodeId>>, folder: NodeId): Set<NodeId> {
	const known = children.get(folder);
	if (known) return known;
	const made = new Set<NodeId>();
	children.set(folder, made);
	return made;
}
