import type { Name, NodeId } from '@mydropbox/protocol';
import { Overlay } from './overlay.ts';
import type { Place, TreeReader } from './tree.ts';

/** Where a node shall be in the tree that is being changed; null: nowhere. */
export interface Want {
	readonly id: NodeId;
	readonly place: Place | null;
	/** The node at the place, which leaves it in the same operation, and where it goes. */
	readonly displaced?: { readonly id: NodeId; readonly place: Place | null };
}

export interface Step {
	readonly id: NodeId;
	/** Set when the node goes to a made-up place first, because names or folders go round in a circle. */
	readonly detour?: Place;
}

export interface Schedule {
	readonly batches: readonly (readonly Step[])[];
	/** Cannot be placed now: the parent, the name or something inside is held by what has no want. */
	readonly waiting: readonly NodeId[];
}

/**
 * Orders structural changes so that the tree is a tree after each of them: parents before children, names freed
 * before they are taken, folders emptied before they go. Whatever is possible at once lands in one batch, and the
 * order inside a batch does not matter. Where wants wait for each other in a circle (two names exchanged, a folder
 * wrapped into a new one of its own name), one of them makes room by a detour.
 *
 * @param detourName a name like the given one that is free in this tree and means nothing to anybody.
 */
export function schedule(
	root: NodeId,
	tree: TreeReader,
	wants: Iterable<Want>,
	detourName: (place: Place) => Name,
): Schedule {
	return new Scheduler(root, tree, wants, detourName).run();
}

class Scheduler {
	readonly #overlay: Overlay;
	readonly #detourName: (place: Place) => Name;
	readonly #pending = new Map<NodeId, Want>();
	/** What a want waits for → the wants that wait for it. */
	readonly #waiters = new Map<string, NodeId[]>();
	readonly #batches: Step[][] = [];

	constructor(root: NodeId, tree: TreeReader, wants: Iterable<Want>, detourName: (place: Place) => Name) {
		this.#overlay = new Overlay(root, tree);
		this.#detourName = detourName;
		for (const want of wants) this.#pending.set(want.id, want);
	}

	run(): Schedule {
		let candidates: NodeId[] = [...this.#pending.keys()];
		while (candidates.length > 0) {
			while (candidates.length > 0) candidates = this.#runBatch(new Set(candidates));
			candidates = this.#makeRoom();
		}
		return { batches: this.#batches, waiting: [...this.#pending.keys()] };
	}

	/** Readiness is judged for the whole batch before any of it is applied: that is what makes its order irrelevant. */
	#runBatch(candidates: ReadonlySet<NodeId>): NodeId[] {
		const ready: Want[] = [];
		for (const id of candidates) {
			const want = this.#pending.get(id);
			if (!want) continue;
			const blocker = this.#blockerOf(want);
			if (blocker === undefined) ready.push(want);
			else this.#wait(blocker, id);
		}
		const woken: NodeId[][] = [];
		for (const want of ready) {
			if (want.displaced) this.#overlay.place(want.displaced.id, want.displaced.place);
			this.#pending.delete(want.id);
			woken.push(this.#relocate(want.id, want.place), this.#wake(settled(want.id)));
		}
		if (ready.length > 0) this.#batches.push(ready.map(({ id }) => ({ id })));
		return woken.flat();
	}

	#relocate(id: NodeId, place: Place | null): NodeId[] {
		const old = this.#overlay.placeOf(id);
		this.#overlay.place(id, place);
		const left = old ? [...this.#wake(slot(old)), ...this.#wake(content(old.parent))] : [];
		return [...left, ...this.#wake(existence(id))];
	}

	/** The first thing in the way, or undefined. */
	#blockerOf({ id, place, displaced }: Want): string | undefined {
		if (!place) return this.#overlay.isEmpty(id) ? undefined : content(id);
		if (!this.#overlay.has(place.parent)) return existence(place.parent);
		const occupant = this.#overlay.occupant(place);
		if (occupant !== undefined && occupant !== id && occupant !== displaced?.id) return slot(place);
		const unsettled = this.#unsettledAbove(id, place.parent);
		return unsettled === undefined ? undefined : settled(unsettled);
	}

	/**
	 * A folder goes into another one only if nothing above that will still move: otherwise the order inside a batch could
	 * decide whether a folder lands inside itself.
	 */
	#unsettledAbove(id: NodeId, parent: NodeId): NodeId | undefined {
		if (!this.#overlay.isFolder(id) || this.#overlay.placeOf(id)?.parent === parent) return undefined;
		for (const above of this.#overlay.upwards(parent)) {
			if (above === id || this.#pending.get(above)?.place) return above;
		}
		return undefined;
	}

	/** Everything in the way of a want, by node. */
	#blockingNodes({ id, place, displaced }: Want): NodeId[] {
		if (!place) return [...this.#overlay.childrenOf(id)];
		if (!this.#overlay.has(place.parent)) return [place.parent];
		const occupant = this.#overlay.occupant(place);
		const unsettled = this.#unsettledAbove(id, place.parent);
		return [occupant, unsettled].filter(
			(node) => node !== undefined && node !== id && node !== displaced?.id,
		) as NodeId[];
	}

	/**
	 * Nothing is ready any more. What is blocked by outsiders waits; the rest blocks itself in circles, and every
	 * circle holds a name that another member wants: whoever holds it goes aside.
	 */
	#makeRoom(): NodeId[] {
		const stuck = this.#withoutOutsiders();
		for (const { place } of stuck.values()) {
			const holder = place && this.#overlay.has(place.parent) ? this.#overlay.occupant(place) : undefined;
			if (holder === undefined || !stuck.has(holder)) continue;
			const detour = { parent: place!.parent, name: this.#detourName(place!) };
			this.#batches.push([{ id: holder, detour }]);
			return [holder, ...this.#relocate(holder, detour)];
		}
		return [];
	}

	#withoutOutsiders(): Map<NodeId, Want> {
		const stuck = new Map(this.#pending);
		for (let before = -1; before !== stuck.size; ) {
			before = stuck.size;
			for (const want of stuck.values()) {
				if (this.#blockingNodes(want).some((node) => !stuck.has(node))) stuck.delete(want.id);
			}
		}
		return stuck;
	}

	#wait(key: string, id: NodeId): void {
		const waiters = this.#waiters.get(key);
		if (waiters) waiters.push(id);
		else this.#waiters.set(key, [id]);
	}

	#wake(key: string): NodeId[] {
		const waiters = this.#waiters.get(key) ?? [];
		this.#waiters.delete(key);
		return waiters;
	}
}

const slot = ({ parent, name }: Place): string => `slot ${parent}/${name}`;
const existence = (id: NodeId): string => `exists ${id}`;
const content = (id: NodeId): string => `content ${id}`;
const settled = (id: NodeId): string => `settled ${id}`;
