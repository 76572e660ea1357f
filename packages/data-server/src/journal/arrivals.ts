import type { ArrivingPart, ChangesResponse, DeviceId, NamespaceId, NodeId } from '@mydropbox/protocol';

/** Of one namespace, and of all together: what is heard of, at a few hundred bytes each. More is simply not told. */
const MOST_BLOCKS = 10_000;
const MOST_BLOCKS_IN_ALL = 100_000;
/** Whoever brings a file and falls silent for so long has given up. */
const KEEP_MS = 10 * 60_000;

interface Heard {
	/** Counts what was announced. */
	readonly number: number;
	readonly from: DeviceId;
	readonly at: number;
	readonly part: ArrivingPart;
}

/**
 * What devices are just bringing here, so that others need not wait for the commit before they fetch it. Only in memory:
 * whoever misses some of it fetches that after the commit.
 */
export class Arrivals {
	readonly #now: () => Date;
	/** In the order in which it was heard of. */
	readonly #parts = new Map<NamespaceId, Heard[]>();
	#blocks = 0;
	#last: number;

	constructor(now: () => Date) {
		this.#now = now;
		// So that what was counted before a restart is less than what is counted after it.
		this.#last = now().getTime();
	}

	/** @returns false when there is no room for it. */
	add(namespace: NamespaceId, from: DeviceId, part: ArrivingPart): boolean {
		const kept = this.#fresh(namespace);
		while (kept.length > 0 && blocksOf(kept) + part.blocks.length > MOST_BLOCKS) kept.shift();
		this.#keep(namespace, kept);
		if (this.#blocks + part.blocks.length > MOST_BLOCKS_IN_ALL)
			for (const id of this.#parts.keys()) this.#forgetOld(id);
		if (this.#blocks + part.blocks.length > MOST_BLOCKS_IN_ALL) return false;
		this.#keep(namespace, [...kept, { number: ++this.#last, from, at: this.#now().getTime(), part }]);
		return true;
	}

	/**
	 * What others are bringing.
	 * @param after what the device has heard of; undefined: it does not want to know.
	 * @returns undefined when there is nothing new.
	 */
	news(namespaces: readonly NamespaceId[], to: DeviceId, after: number | undefined): ChangesResponse['arrivals'] {
		if (after === undefined || after === this.#last || this.#blocks === 0) return undefined;
		// Where the clock went back over a restart, the device has heard of numbers that are still to come.
		const from = after > this.#last ? 0 : after;
		const parts = namespaces
			.flatMap((namespace) => this.#fresh(namespace))
			.filter(({ number, from: device }) => number > from && device !== to)
			.map(({ part }) => part);
		return parts.length > 0 ? { after: this.#last, parts } : undefined;
	}

	/** The nodes are committed: whoever wants them learns of them by that. */
	committed(namespace: NamespaceId, nodes: readonly NodeId[]): void {
		if (!this.#parts.has(namespace)) return;
		const done = new Set(nodes);
		this.#keep(
			namespace,
			this.#fresh(namespace).filter(({ part }) => !done.has(part.node)),
		);
	}

	#forgetOld(namespace: NamespaceId): void {
		this.#keep(namespace, this.#fresh(namespace));
	}

	#fresh(namespace: NamespaceId): Heard[] {
		const oldest = this.#now().getTime() - KEEP_MS;
		return (this.#parts.get(namespace) ?? []).filter(({ at }) => at > oldest);
	}

	#keep(namespace: NamespaceId, parts: Heard[]): void {
		this.#blocks += blocksOf(parts) - blocksOf(this.#parts.get(namespace) ?? []);
		if (parts.length > 0) this.#parts.set(namespace, parts);
		else this.#parts.delete(namespace);
	}
}

const blocksOf = (parts: readonly Heard[]): number => parts.reduce((sum, { part }) => sum + part.blocks.length, 0);
