/** Of a large file, as much as is read at once, and sent at once: round trips do not count, and it is soon sent again. */
export const PART_BYTES = 8 * 1024 * 1024;
/** One is cut while the others travel. */
const PARTS = 4;

/** The memory that parts of files pass through, used again and again. Whoever reads faster than the parts leave has to wait. */
export class PartMemory {
	readonly #partBytes: number;
	#free: Uint8Array[] = [];
	#taken = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(partBytes: number) {
		this.#partBytes = partBytes;
	}

	async take(): Promise<Uint8Array> {
		while (this.#taken >= PARTS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		this.#taken++;
		return this.#free.pop() ?? new Uint8Array(this.#partBytes);
	}

	/** @param memory undefined: it is lost. */
	putBack(memory?: ArrayBufferLike): void {
		this.#taken--;
		if (memory) this.#free.push(new Uint8Array(memory));
		this.#waiting.shift()?.();
	}

	/** Nobody needs it for now. */
	drop(): void {
		this.#free = [];
	}
}
