import { type SegmentKey, SegmentLost, type SegmentStorage } from '../../src/index.ts';

/** Segments in memory. `call` is told before and after each call that changes something, and may throw. */
export class MemoryStorage implements SegmentStorage {
	readonly segments = new Map<string, { key: SegmentKey; bytes: Buffer; writtenAt: Date }>();
	readonly #now: () => Date;
	readonly #call: () => void;

	constructor(now: () => Date, call: () => void = () => {}) {
		this.#now = now;
		this.#call = call;
	}

	async write(key: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number> {
		this.#call();
		const parts: Uint8Array[] = [];
		for await (const piece of pieces) parts.push(piece);
		const bytes = Buffer.concat(parts);
		this.segments.set(key.segment, { key, bytes, writtenAt: this.#now() });
		this.#call();
		return bytes.length;
	}

	async read(key: SegmentKey, offset: number, length: number): Promise<Buffer> {
		const bytes = this.segments.get(key.segment)?.bytes.subarray(offset, offset + length);
		if (bytes?.length !== length) throw new SegmentLost(key, 'is not there');
		return Buffer.from(bytes);
	}

	async *list(): AsyncGenerator<SegmentKey> {
		for (const { key } of [...this.segments.values()]) yield key;
	}

	async delete({ segment }: SegmentKey): Promise<void> {
		this.#call();
		this.segments.delete(segment);
		this.#call();
	}

	async stat({ segment }: SegmentKey) {
		const found = this.segments.get(segment);
		return found && { bytes: found.bytes.length, writtenAt: found.writtenAt };
	}
}
