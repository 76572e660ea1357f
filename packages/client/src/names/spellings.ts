import type { NodeId } from '@mydropbox/protocol';
import type { Place } from '@mydropbox/sync-engine';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import type { Store } from '../state/store.ts';
import type { DiskNames } from './disk-names.ts';

/** How names will be spelled on the disk that are about to come there: no two in a folder alike. */
export class Spellings {
	readonly #store: Store;
	readonly #names: DiskNames;
	/**
	 * Folder → key of a spelling → whose it is; null: nobody's that is known yet. Several have it where our key folds more
	 * than the disk does, and people have given them names that are one for us.
	 */
	readonly #holders = new Map<NodeId, Map<string, (NodeId | null)[]>>();

	constructor(store: Store, names: DiskNames) {
		this.#store = store;
		this.#names = names;
	}

	/** @param id the node that it is for, which may have the spelling already. */
	spell({ parent, name }: Place, id: NodeId | null): string {
		const holders = this.#in(parent);
		return this.#names.spell(name, (spelling) => {
			const key = this.#names.key(spelling);
			if (parent === this.#store.root && key === this.#names.key(PRIVATE_FOLDER)) return true;
			return holders?.get(key)?.some((holder) => holder === null || holder !== id) ?? false;
		});
	}

	/** From now on the spelling is the node's, even if it takes a while until it gets there. */
	claim(place: Place, id: NodeId | null): string {
		const spelling = this.spell(place, id);
		this.#hold(place.parent, spelling, id);
		return spelling;
	}

	/** From now on the spelling that one node had is another's. */
	handOver(parent: NodeId, spelling: string, from: NodeId, to: NodeId): void {
		this.release(parent, spelling, from);
		this.#hold(parent, spelling, to);
	}

	/** The node has left this spelling. */
	release(parent: NodeId, spelling: string, id: NodeId): void {
		const holders = this.#in(parent);
		const key = this.#names.key(spelling);
		const others = holders?.get(key)?.filter((holder) => holder !== id);
		if (others) holders!.set(key, others);
	}

	#hold(parent: NodeId, spelling: string, id: NodeId | null): void {
		const holders = this.#in(parent);
		if (holders) add(holders, this.#names.key(spelling), id);
	}

	/** Whether the disk takes the two for the same name of the same folder. */
	areOne(a: { parent: NodeId; spelling: string }, b: { parent: NodeId; spelling: string }): boolean {
		return a.parent === b.parent && this.#names.key(a.spelling) === this.#names.key(b.spelling);
	}

	/** Where different names have different spellings anyway, nothing has to be looked up. */
	#in(parent: NodeId): Map<string, (NodeId | null)[]> | undefined {
		if (this.#names.areExact) return undefined;
		const known = this.#holders.get(parent);
		if (known) return known;
		const holders = new Map<string, (NodeId | null)[]>();
		for (const { id, disk } of this.#store.local.children(parent)) add(holders, this.#names.key(disk.name), id);
		this.#holders.set(parent, holders);
		return holders;
	}
}

function add(holders: Map<string, (NodeId | null)[]>, key: string, id: NodeId | null): void {
	const known = holders.get(key);
	if (known) known.push(id);
	else holders.set(key, [id]);
}
