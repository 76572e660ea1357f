import { ApiError } from '../errors.ts';
import type { BlockHash } from '../hashes.ts';
import { LIMITS } from '../limits.ts';
import { blockHash } from './content.ts';

/**
 * How blocks travel: per block 32 bytes SHA-256, 4 bytes length (big-endian), the bytes; at the end a frame with
 * 32 zero bytes and length 0, without which the body was cut short.
 */
export const FRAME_HEADER_BYTES = 36;
export const BLOCKS_MEDIA_TYPE = 'application/vnd.mydropbox.blocks';

export interface FramedBlock {
	readonly hash: BlockHash;
	readonly bytes: Uint8Array;
}

export function frameHeader(hash: BlockHash, length: number): Buffer {
	const header = Buffer.alloc(FRAME_HEADER_BYTES);
	header.write(hash, 'hex');
	header.writeUInt32BE(length, 32);
	return header;
}

export const endFrame = (): Buffer => Buffer.alloc(FRAME_HEADER_BYTES);

/** Frames blocks one by one, so that a body is never whole in memory. */
export async function* encodeFrames(
	blocks: AsyncIterable<FramedBlock> | Iterable<FramedBlock>,
): AsyncGenerator<Uint8Array> {
	for await (const { hash, bytes } of blocks) {
		yield frameHeader(hash, bytes.length);
		yield bytes;
	}
	yield endFrame();
}

/**
 * The blocks of a body, each with its hash verified, in memory of its own. Holds one block and one piece of the body; it
 * is done with a piece when it asks for the next.
 * @throws ApiError `bad-block` on a wrong hash or an impossible length, `truncated-body` when the end frame is missing.
 */
export async function* decodeFrames(body: AsyncIterable<Uint8Array>): AsyncGenerator<FramedBlock> {
	const reader = new ByteReader(body);
	for (;;) {
		const header = await reader.take(FRAME_HEADER_BYTES);
		const length = header.readUInt32BE(32);
		const hash = header.toString('hex', 0, 32) as BlockHash;
		if (length === 0) {
			if (/[^0]/.test(hash)) throw new ApiError('bad-block', 'A block of length 0 was sent; there are none.');
			if (await reader.more()) throw new ApiError('bad-block', 'Bytes follow the end of the blocks.');
			return;
		}
		if (length > LIMITS.blockBytes)
			throw new ApiError('bad-block', `A block is larger than ${LIMITS.blockBytes} bytes.`);
		const bytes = await reader.take(length);
		if (blockHash(bytes) !== hash) {
			throw new ApiError('bad-block', `Block ${hash} arrived with other bytes than its hash says; send it again.`);
		}
		yield { hash, bytes };
	}
}

class ByteReader {
	readonly #source: AsyncIterator<Uint8Array>;
	/** Of the piece that came last, what has not been taken. */
	#rest: Uint8Array = Buffer.alloc(0);

	constructor(source: AsyncIterable<Uint8Array>) {
		this.#source = source[Symbol.asyncIterator]();
	}

	async take(count: number): Promise<Buffer> {
		const bytes = Buffer.allocUnsafe(count);
		for (let filled = 0; filled < count; ) {
			if (!(await this.more())) throw new ApiError('truncated-body', 'The blocks ended early; send them again.');
			const part = this.#rest.subarray(0, count - filled);
			bytes.set(part, filled);
			filled += part.length;
			this.#rest = this.#rest.subarray(part.length);
		}
		return bytes;
	}

	/** @returns false at the end of the stream. */
	async more(): Promise<boolean> {
		while (this.#rest.length === 0) {
			const next = await this.#source.next();
			if (next.done) return false;
			this.#rest = next.value;
		}
		return true;
	}
}
