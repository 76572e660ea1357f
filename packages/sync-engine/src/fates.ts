import type { NodeId } from '@mydropbox/protocol';
import { hasUnsent, type Merge, mergeOf, type Outcome, outcomeOf, WHEN_EXCLUDED } from './outcomes.ts';
import type { Place, TreeNode, Trees } from './tree.ts';

/** What becomes of one node, and where it will be. */
export interface Fate {
	readonly id: NodeId;
	readonly local: TreeNode | undefined;
	readonly remote: TreeNode | undefined;
	/** The server keeps it, and this device shall not. */
	readonly excluded: boolean;
	readonly outcome: Outcome;
	/** Only for the outcome `merge`. */
	readonly merge: Merge | undefined;
	/** The place it ends at, on the server when it is excluded; null when it goes. */
	readonly place: Place | null;
}

interface DecidedTrees extends Trees {
	readonly dirty: Iterable<NodeId>;
	readonly isExcluded: (id: NodeId) => boolean;
}

/** A state of the three trees that no history leads to: a bug, reported with the node and never guessed at. */
export class ImpossibleTrees extends Error {
	override readonly name = 'ImpossibleTrees';
}

/**
 * The fates of all dirty nodes, each decided alone, then made to fit together as one tree: a folder that something
 * surviving is in survives too, and of two moves that would put folders into each other the server's stands.
 */
export class Fates {
	readonly #trees: DecidedTrees;
	readonly #fates = new Map<NodeId, Fate>();
	/** Nodes that were called dirty, and for which nothing is to be done. */
	readonly atRest: NodeId[] = [];

	constructor(trees: DecidedTrees) {
		this.#trees = trees;
		for (const id of trees.dirty) {
			const fate = this.#decide(id);
			if (fate.outcome === 'nothing') this.atRest.push(id);
			else this.#fates.set(id, fate);
		}
		for (const fate of [...this.#fates.values()]) {
			if (fate.place) this.#keepAbove(fate.place.parent);
			else if (fate.outcome === 'delete-remote' && this.#holdsOther(fate.id)) this.#keepAbove(fate.id);
		}
		this.#undoCircles();
	}

	all(): Iterable<Fate> {
		return this.#fates.values();
	}

	/** undefined: this plan is not about it. */
	get(id: NodeId): Fate | undefined {
		return this.#fates.get(id);
	}

	#decide(id: NodeId): Fate {
		const local = this.#trees.local.get(id);
		const remote = this.#trees.remote.get(id);
		const synced = this.#trees.synced.get(id);
		const wanted = outcomeOf(synced, local, remote);
		if (wanted === 'impossible') {
			throw new ImpossibleTrees(`Node ${id}: ${JSON.stringify({ local, remote, synced })}`);
		}
		const merge = wanted === 'merge' ? mergeOf(synced, local!, remote!) : undefined;
		const excluded = remote !== undefined && this.#trees.isExcluded(id);
		const outcome = whenExcluded(wanted, excluded, merge);
		return { id, local, remote, excluded, outcome, merge, place: PLACE[outcome]({ local, remote, merge }) };
	}

	/**
	 * What has no fate is excluded and at rest, or a newcomer that survives; what is alike in all three trees is in no folder
	 * that is gone here.
	 */
	#holdsOther(folder: NodeId): boolean {
		for (const { id } of this.#trees.remote.children(folder)) if (!this.#fates.has(id)) return true;
		return false;
	}

	#keepAbove(parent: NodeId): void {
		const seen = new Set<NodeId>();
		for (let at = parent; at !== this.#trees.root && !seen.has(at); ) {
			seen.add(at);
			const fate = this.#fates.get(at);
			if (!fate) return;
			if (fate.outcome === 'delete-local' || fate.outcome === 'delete-remote') {
				const kept = fate.local ?? fate.remote!;
				this.#fates.set(at, { ...fate, outcome: 'revive', place: placeOf(kept) });
				at = kept.parent;
			} else if (fate.place) at = fate.place.parent;
			else return;
		}
	}

	/** What stays where the server has it may be in a folder that was moved into it, or deleted: each may ask for the next. */
	#undoCircles(): void {
		for (let isTree = false; !isTree; ) {
			isTree = true;
			for (const fate of [...this.#fates.values()]) {
				if (!this.#movesIntoItself(fate)) continue;
				this.#fates.set(fate.id, serverWins(fate));
				this.#keepAbove(fate.remote!.parent);
				isTree = false;
			}
		}
	}

	#movesIntoItself({ id, merge, place }: Fate): boolean {
		if (merge?.place !== 'local') return false;
		const seen = new Set<NodeId>();
		for (let at = place!.parent; at !== this.#trees.root && !seen.has(at); ) {
			if (at === id) return true;
			seen.add(at);
			const above = this.#fates.get(at)?.place ?? this.#trees.remote.get(at) ?? this.#trees.local.get(at);
			if (!above) return false;
			at = above.parent;
		}
		return false;
	}
}

function serverWins(fate: Fate): Fate {
	const merge: Merge = { ...fate.merge!, place: 'both' };
	const outcome = whenExcluded('merge', fate.excluded, merge);
	return { ...fate, outcome, merge, place: placeOf(fate.remote!) };
}

function whenExcluded(outcome: Outcome, excluded: boolean, merge: Merge | undefined): Outcome {
	return excluded && !(merge && hasUnsent(merge)) ? WHEN_EXCLUDED[outcome] : outcome;
}

type Sides = Pick<Fate, 'local' | 'remote' | 'merge'>;
const placeOf = ({ parent, name }: Place): Place => ({ parent, name });
const stays = ({ local, remote }: Sides): Place | null => {
	const node = local ?? remote;
	return node ? placeOf(node) : null;
};
const goes = (): null => null;

const PLACE: Record<Outcome, (sides: Sides) => Place | null> = {
	nothing: stays,
	/** Until it has been read it claims nothing; what is above it waits, because it is not empty. */
	read: goes,
	'create-local': ({ remote }) => placeOf(remote!),
	'create-remote': ({ local }) => placeOf(local!),
	'delete-local': goes,
	'delete-remote': goes,
	merge: ({ local, remote, merge }) => placeOf(merge!.place === 'local' ? local! : remote!),
	revive: stays,
	forget: goes,
	/** On the server it stays where it is. */
	evict: ({ remote }) => placeOf(remote!),
	impossible: goes,
};
