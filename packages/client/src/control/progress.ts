import type { NodeId } from '@mydropbox/protocol';
import type { Plan, TreeReader, Version } from '@mydropbox/sync-engine';

/** How much is left to do. */
export class Progress {
	readonly #open = new Map<NodeId, number>();
	#bytesDone = 0;
	/** What the current plan is not about. */
	#later = { files: 0, bytes: 0 };
	readonly #onChange: () => void;

	constructor(onChange: () => void) {
		this.#onChange = onChange;
	}

	/**
	 * Takes over a new plan.
	 * @param waiting nodes that wait for something count, too…
	 * @param deferred …and so do those that a later plan is about, by their sizes.
	 */
	begin(
		plan: Plan,
		waiting: Iterable<NodeId>,
		deferred: ReadonlyMap<NodeId, number>,
		trees: { local: TreeReader; remote: TreeReader },
	): void {
		this.#open.clear();
		this.#bytesDone = 0;
		const add = (id: NodeId, bytes: number) => this.#open.set(id, Math.max(bytes, this.#open.get(id) ?? 0));
		for (const id of waiting) add(id, 0);
		this.#later = { files: deferred.size, bytes: 0 };
		for (const size of deferred.values()) this.#later.bytes += size;
		for (const id of plan.reads) add(id, sizeOf(trees.local.get(id)?.version));
		for (const op of plan.remote.flat()) {
			const travels = op.type === 'put' && contentOf(op.version) !== contentOf(trees.remote.get(op.id)?.version);
			add(op.id, travels ? sizeOf(op.version) : 0);
		}
		for (const op of plan.local.flat()) {
			const travels = op.type === 'write' && contentOf(op.version) !== contentOf(trees.local.get(op.id)?.version);
			add(op.id, travels ? sizeOf(op.version) : 0);
		}
		this.#onChange();
	}

	bytes(count: number): void {
		this.#bytesDone += count;
		this.#onChange();
	}

	/** The node needs nothing more; its bytes have been reported by `bytes`. */
	done(id: NodeId): void {
		const bytes = this.#open.get(id);
		if (bytes === undefined) return;
		this.#open.delete(id);
		this.#bytesDone = Math.max(0, this.#bytesDone - bytes);
		this.#onChange();
	}

	get filesToGo(): number {
		return this.#open.size + this.#later.files;
	}

	get bytesToGo(): number {
		let bytes = this.#later.bytes - this.#bytesDone;
		for (const size of this.#open.values()) bytes += size;
		return Math.max(0, bytes);
	}
}

const sizeOf = (version: Version | undefined): number => (version?.kind === 'file' ? version.size : 0);
const contentOf = (version: Version | undefined): string | null => (version?.kind === 'file' ? version.content : null);
