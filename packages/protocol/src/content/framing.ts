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
	writeFrameHeader(header, 0, hash, length);
	return header;
}

/** @returns where the block's bytes begin. */
export function writeFrameHeader(memory: Buffer, at: number, hash: BlockHash, length: number): number {
	memory.write(hash, at, 'hex');
	return memory.writeUInt32BE(length, at + 32);
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
 * @param verifies false: whoever takes them verifies each itself.
 * @throws ApiError `bad-block` on a wrong hash or an impossible length, `truncated-body` when the end frame is missing.
 */
export async function* decodeFrames(body: AsyncIterable<Uint8Array>, verifies = true): AsyncGenerator<FramedBlock> {
	const decoder = new FrameDecoder(verifies);
	const pieces = body[Symbol.asyncIterator]();
	// Not `for await`: it would close a body that is refused, and with it the connection that the refusal goes by.
	for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield* decoder.push(next.value);
	decoder.end();
}

/** The same for whoever takes a body apart piece by piece: of small blocks, many are in one. */
export class FrameDecoder {
	readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
	/** Of the header, or else of the block, what has come. */
	#filled = 0;
	/** The block whose header is complete. */
	#block: Buffer | undefined;
	#isEnded = false;
	readonly #verifies: boolean;

	constructor(verifies = true) {
		this.#verifies = verifies;
	}

	/** Blocks that are complete with this piece. MUST be read to its end before the next. */
	*push(piece: Uint8Array): Generator<FramedBlock> {
		for (let at = 0; at < piece.length; ) {
			if (this.#isEnded) throw new ApiError('bad-block', 'Bytes follow the end of the blocks.');
			const part: Buffer = this.#block ?? this.#header;
			const taken = piece.subarray(at, at + part.length - this.#filled);
			part.set(taken, this.#filled);
			this.#filled += taken.length;
			at += taken.length;
			if (this.#filled < part.length) return;
			this.#filled = 0;
			if (this.#block) yield this.#framed(this.#block);
			this.#block = this.#block ? undefined : this.#begin();
		}
	}

	/** After the last piece. */
	end(): void {
		if (!this.#isEnded) throw new ApiError('truncated-body', 'The blocks ended early; send them again.');
	}

	/** @returns memory for the block that the header announces; none at the end of the blocks. */
	#begin(): Buffer | undefined {
		const length = this.#header.readUInt32BE(32);
		if (length > LIMITS.blockBytes)
			throw new ApiError('bad-block', `A block is larger than ${LIMITS.blockBytes} bytes.`);
		if (length > 0) return Buffer.allocUnsafe(length);
		if (this.#header.some((byte) => byte !== 0))
			throw new ApiError('bad-block', 'A block of length 0 was sent; there are none.');
		this.#isEnded = true;
		return undefined;
	}

	#framed(bytes: Buffer): FramedBlock {
		const hash = this.#header.toString('hex', 0, 32) as BlockHash;
		if (!this.#verifies || blockHash(bytes) === hash) return { hash, bytes };
		throw new ApiError('bad-block', `Block ${hash} arrived with other bytes than its hash says; send it again.`);
	}
}
