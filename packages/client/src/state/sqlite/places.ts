import type { Name, NodeId } from '@mydropbox/protocol';

/** About as many as nodes are remembered; then all are forgotten. */
const MOST = 32_768;

/** Who was at a place when it was last asked or told; null: nobody. It may have moved away since. */
export class Places {
	readonly #folders = new Map<NodeId, Map<Name, NodeId | null>>();
	#count = 0;

	get(parent: NodeId, name: Name): NodeId | null | undefined {
		return this.#folders.get(parent)?.get(name);
	}

	set(parent: NodeId, name: Name, id: NodeId | null): void {
		if (this.#count++ >= MOST) this.clear();
		const names = this.#folders.get(parent);
		if (names) names.set(name, id);
		else this.#folders.set(parent, new Map([[name, id]]));
	}

	/** It is there now, should anyone have asked. */
	settle(parent: NodeId, name: Name, id: NodeId): void {
		const names = this.#folders.get(parent);
		if (names?.has(name)) names.set(name, id);
	}

	clear(): void {
		this.#folders.clear();
		this.#count = 0;
	}
}
