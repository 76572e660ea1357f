import type { FramedBlock } from '@mydropbox/protocol/content';

/** Where blocks go: MUST have made them durable, or had them before, when it resolves. */
export type StoreBlocks = (blocks: readonly FramedBlock[]) => Promise<void>;

/** Bytes that are stored at once. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Stores blocks in batches, whichever files they are of. While one batch is being stored the next is collected, and
 * then `add` waits: an upload of any size takes the memory of a few batches.
 */
export class BlockBatches {
	readonly #store: StoreBlocks;
	#batch: FramedBlock[] = [];
	#bytes = 0;
	#storing: Promise<void> = Promise.resolve();

	constructor(store: StoreBlocks) {
		this.#store = store;
	}

	/** @throws what went wrong with an earlier batch. */
	async add(block: FramedBlock): Promise<void> {
		this.#batch.push(block);
		this.#bytes += block.bytes.length;
		if (this.#bytes >= BATCH_BYTES) await this.#flush();
	}

	/** Resolves when all that was added is stored. */
	async finish(): Promise<void> {
		if (this.#batch.length > 0) await this.#flush();
		await this.#storing;
	}

	/** Resolves when the batch before is stored. */
	async #flush(): Promise<void> {
		const batch = this.#batch;
		const before = this.#storing;
		this.#batch = [];
		this.#bytes = 0;
		this.#storing = before.then(() => this.#store(batch));
		// Whoever adds or finishes next hears of it.
		this.#storing.catch(() => {});
		await before;
	}
}
