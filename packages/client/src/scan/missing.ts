import type { NodeId } from '@mydropbox/protocol';

/**
 * A thing that is moved is for a moment at neither place that we look at: the old folder was read after it, the new one
 * before it, or not yet. So long must it be missing before a second look may take it for deleted.
 */
export const GRACE_MS = 500;

interface Entry {
	/** When the first look that missed it was over. */
	readonly since: number;
	nextLook: number;
}

/** Nodes that a look did not find, and nobody knows yet whether they are gone. */
export class Missing {
	readonly #now: () => number;
	readonly #nodes = new Map<NodeId, Entry>();

	constructor(now: () => number) {
		this.#now = now;
	}

	/** @returns whether it has been missing since long before `lookedAt`; otherwise it has to be looked for again. */
	isGone(id: NodeId, lookedAt: number): boolean {
		const now = this.#now();
		const entry = this.#nodes.get(id);
		if (!entry) this.#nodes.set(id, { since: now, nextLook: now + GRACE_MS });
		// A clock that was set back must not keep it for hours.
		return entry !== undefined && Math.abs(lookedAt - entry.since) >= GRACE_MS;
	}

	has(id: NodeId): boolean {
		return this.#nodes.has(id);
	}

	/** It is there, or gone for good, or it cannot be known. */
	drop(id: NodeId): void {
		this.#nodes.delete(id);
	}

	/** Nodes whose next look is due; the one after that is counted from now. */
	takeDue(): NodeId[] {
		const now = this.#now();
		const due = [...this.#nodes].filter(([, { nextLook }]) => nextLook <= now || nextLook > now + GRACE_MS);
		for (const [, entry] of due) entry.nextLook = now + GRACE_MS;
		return due.map(([id]) => id);
	}

	/** Milliseconds until a look is due; undefined: nothing is missing. */
	get waits(): number | undefined {
		if (this.#nodes.size === 0) return undefined;
		const now = this.#now();
		let first = GRACE_MS;
		for (const { nextLook } of this.#nodes.values()) first = Math.min(first, nextLook - now);
		return Math.max(0, first);
	}
}
