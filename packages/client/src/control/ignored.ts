import type { NodeId } from '@mydropbox/protocol';

/** How many things the rules leave alone in the folder, as far as it was looked at; a folder counts as one. */
export class Ignored {
	readonly #folders = new Map<NodeId, number>();

	/** What a look at the folder has found. */
	found(folder: NodeId, count: number): void {
		if (count > 0) this.#folders.set(folder, count);
		else this.#folders.delete(folder);
	}

	in(folder: NodeId): number {
		return this.#folders.get(folder) ?? 0;
	}

	/** The folder has another id from now on. */
	move(from: NodeId, to: NodeId): void {
		this.found(to, this.in(from));
		this.#folders.delete(from);
	}

	keepOnly(isFolder: (id: NodeId) => boolean): void {
		for (const id of this.#folders.keys()) if (!isFolder(id)) this.#folders.delete(id);
	}

	get count(): number {
		let sum = 0;
		for (const count of this.#folders.values()) sum += count;
		return sum;
	}
}
