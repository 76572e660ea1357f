import type { Name, NodeId } from '@mydropbox/protocol';
import type { Place, TreeReader } from './tree.ts';

/** A tree with pretended changes of place on top; the tree below stays as it is. */
export class Overlay {
	readonly #root: NodeId;
	readonly #tree: TreeReader;
	readonly #places = new Map<NodeId, Place | null>();
	readonly #slots = new Map<NodeId, Map<Name, NodeId | null>>();

	constructor(root: NodeId, tree: TreeReader) {
		this.#root = root;
		this.#tree = tree;
	}

	has(id: NodeId): boolean {
		return id === this.#root || this.placeOf(id) !== null;
	}

	/** null for the root and for what is not there. */
	placeOf(id: NodeId): Place | null {
		const pretended = this.#places.get(id);
		return pretended === undefined ? (this.#tree.get(id) ?? null) : pretended;
	}

	/** Nodes that are only pretended to exist count as none: nothing can be inside them yet that moves. */
	isFolder(id: NodeId): boolean {
		return this.#tree.get(id)?.version.kind === 'folder';
	}

	occupant({ parent, name }: Place): NodeId | undefined {
		const pretended = this.#slots.get(parent)?.get(name);
		if (pretended !== undefined) return pretended ?? undefined;
		const there = this.#tree.child(parent, name)?.id;
		return there !== undefined && !this.#places.has(there) ? there : undefined;
	}

	*childrenOf(id: NodeId): Generator<NodeId> {
		for (const occupant of this.#slots.get(id)?.values() ?? []) if (occupant !== null) yield occupant;
		for (const child of this.#tree.children(id)) if (!this.#places.has(child.id)) yield child.id;
	}

	isEmpty(id: NodeId): boolean {
		return this.childrenOf(id).next().done === true;
	}

	place(id: NodeId, place: Place | null): void {
		const old = this.placeOf(id);
		this.#places.set(id, place);
		if (old && this.occupant(old) === id) this.#setSlot(old, null);
		if (place) this.#setSlot(place, id);
	}

	/** The node and what it is in, up to but without the root. */
	*upwards(id: NodeId): Generator<NodeId> {
		const seen = new Set<NodeId>();
		for (let at = id; at !== this.#root && !seen.has(at); ) {
			seen.add(at);
			yield at;
			const place = this.placeOf(at);
			if (!place) return;
			at = place.parent;
		}
	}

	#setSlot({ parent, name }: Place, id: NodeId | null): void {
		const slots = this.#slots.get(parent) ?? new Map<Name, NodeId | null>();
		slots.set(name, id);
		this.#slots.set(parent, slots);
	}
}
