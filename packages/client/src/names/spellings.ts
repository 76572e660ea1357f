import type { NodeId } from '@mydropbox/protocol';
import type { Place } from '@mydropbox/sync-engine';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import type { Store } from '../state/store.ts';
import type { DiskNames } from './disk-names.ts';

/** How names will be spelled on the disk that are about to come there: no two in a folder alike. */
export class Spellings {
	readonly #store: Store;
	readonly #names: DiskNames;
	/** Folder → key of a spelling → whose it is; null: nobody's that is known yet. */
	readonly #taken = new Map<NodeId, Map<string, NodeId | null>>();

	constructor(store: Store, names: DiskNames) {
		this.#store = store;
		this.#names = names;
	}

	/** @param id the node that it is for, which may have the spelling already. */
	spell({ parent, name }: Place, id: NodeId | null): string {
		const taken = this.#in(parent);
		return this.#names.spell(name, (spelling) => {
			if (parent === this.#store.root && this.#names.key(spelling) === this.#names.key(PRIVATE_FOLDER)) return true;
			const holder = taken?.get(this.#names.key(spelling));
			return holder !== undefined && (holder === null || holder !== id);
		});
	}

	/** From now on the spelling is the node's, even if it takes a while until it gets there. */
	claim(place: Place, id: NodeId | null): string {
		const spelling = this.spell(place, id);
		this.handOver(place.parent, spelling, id);
		return spelling;
	}

	/** From now on the spelling is this node's, whoever had it. */
	handOver(parent: NodeId, spelling: string, id: NodeId | null): void {
		this.#in(parent)?.set(this.#names.key(spelling), id);
	}

	/** Nothing has this spelling any more. */
	release(parent: NodeId, spelling: string): void {
		this.#taken.get(parent)?.delete(this.#names.key(spelling));
	}

	/** Whether the disk takes the two for the same name of the same folder. */
	areOne(a: { parent: NodeId; spelling: string }, b: { parent: NodeId; spelling: string }): boolean {
		return a.parent === b.parent && this.#names.key(a.spelling) === this.#names.key(b.spelling);
	}

	/** Where different names have different spellings anyway, nothing has to be looked up. */
	#in(parent: NodeId): Map<string, NodeId | null> | undefined {
		if (this.#names.areExact) return undefined;
		const known = this.#taken.get(parent);
		if (known) return known;
		const taken = new Map<string, NodeId | null>();
		for (const { id, disk } of this.#store.local.children(parent)) taken.set(this.#names.key(disk.name), id);
		this.#taken.set(parent, taken);
		return taken;
	}
}
