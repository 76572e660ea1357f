import type { BlockHash, UserId } from '@mydropbox/protocol';
import {
	blockHash,
	endFrame,
	FRAME_HEADER_BYTES,
	type FramedBlock,
	freeMemory,
	writeFrameHeader,
} from '@mydropbox/protocol/content';
import type { SegmentId, SegmentKey, SegmentStorage } from './segment-storage.ts';

/**
 * A segment explains itself, so that the index of blocks can be rebuilt from segments alone:
 * 8 bytes "MDBXSEG1", 16 bytes owner, 16 bytes segment id, then the blocks in the framing in which they travel
 * (protocol/content/framing.ts), end frame included.
 */
const MAGIC = Buffer.from('MDBXSEG1', 'latin1');
const PREAMBLE_BYTES = MAGIC.length + 16 + 16;
const READ_BYTES = 4 * 1024 * 1024;

/** Where a block's bytes lie in its segment. */
export interface BlockPlace {
	readonly hash: BlockHash;
	readonly offset: number;
	readonly length: number;
}

/** Bytes of a segment with so many blocks of so many bytes. */
export const segmentBytes = (blocks: number, blockBytes: number): number =>
	PREAMBLE_BYTES + blockBytes + (blocks + 1) * FRAME_HEADER_BYTES;

/**
 * The bytes of a segment. Tells `placed` where each block comes to lie.
 * @param groups blocks whose memory is the segment's from then on.
 */
export async function* encodeSegment(
	{ owner, segment }: SegmentKey,
	groups: AsyncIterable<readonly FramedBlock[]>,
	placed: (place: BlockPlace) => void,
): AsyncGenerator<Uint8Array> {
	yield Buffer.concat([MAGIC, Buffer.from(owner, 'hex'), Buffer.from(segment, 'hex')]);
	let offset = PREAMBLE_BYTES;
	for await (const group of groups) {
		for (const { hash, bytes } of group) {
			offset += FRAME_HEADER_BYTES;
			placed({ hash, offset, length: bytes.length });
			offset += bytes.length;
		}
		yield* framed(group);
	}
	yield endFrame();
}

/** Blocks up to this size are copied into one piece with their neighbours, because to write a piece costs as much. */
const JOINED_BYTES = 64 * 1024;

function* framed(blocks: readonly FramedBlock[]): Generator<Uint8Array> {
	const isJoined = ({ length }: Uint8Array) => length <= JOINED_BYTES;
	const joinedBytes = blocks.reduce((sum, { bytes }) => (isJoined(bytes) ? sum + bytes.length : sum), 0);
	const joined = Buffer.allocUnsafeSlow(joinedBytes + blocks.length * FRAME_HEADER_BYTES);
	let from = 0;
	let to = 0;
	for (const { hash, bytes } of blocks) {
		to = writeFrameHeader(joined, to, hash, bytes.length);
		if (isJoined(bytes)) {
			joined.set(bytes, to);
			to += bytes.length;
			freeMemory(bytes);
		} else {
			yield joined.subarray(from, to);
			yield bytes;
			from = to;
		}
	}
	if (to > from) yield joined.subarray(from, to);
}

/**
 * The frames of blocks that were read from one segment in one go. There they lie as they travel, each behind its header,
 * and neighbours go out in one piece. Headers are written anew: nobody has verified those on the disk.
 */
export function* framesInPlace(blocks: readonly FramedBlock[]): Generator<Uint8Array> {
	const [first] = blocks;
	if (!first) return;
	const memory = Buffer.from(first.bytes.buffer);
	let from = first.bytes.byteOffset - FRAME_HEADER_BYTES;
	let to = from;
	for (const { hash, bytes } of blocks) {
		const start = bytes.byteOffset - FRAME_HEADER_BYTES;
		if (start !== to) {
			yield memory.subarray(from, to);
			from = start;
		}
		to = writeFrameHeader(memory, start, hash, bytes.length) + bytes.length;
	}
	yield memory.subarray(from, to);
}

/** What stands in a segment, checked. */
export interface SegmentReport {
	/** Blocks whose bytes have their hash. */
	readonly intact: BlockPlace[];
	/** Blocks whose bytes do not. */
	readonly damaged: BlockPlace[];
	/** Why the rest could not be read; undefined when the segment is readable to its end. */
	readonly brokenBecause: string | undefined;
}

/** Reads a segment through and verifies every block; goes on after a damaged one. */
export async function inspectSegment(storage: SegmentStorage, key: SegmentKey): Promise<SegmentReport> {
	const intact: BlockPlace[] = [];
	const damaged: BlockPlace[] = [];
	const report = (brokenBecause?: string): SegmentReport => ({ intact, damaged, brokenBecause });
	const end = (await storage.stat(key))?.bytes ?? 0;
	if (end < PREAMBLE_BYTES) return report('it is missing or too short');
	const read = windowed(storage, key, end);
	const preamble = await read(0, PREAMBLE_BYTES);
	if (!preamble.subarray(0, MAGIC.length).equals(MAGIC)) return report('it does not start as a segment does');
	const owner = preamble.toString('hex', MAGIC.length, MAGIC.length + 16) as UserId;
	const segment = preamble.toString('hex', MAGIC.length + 16) as SegmentId;
	if (owner !== key.owner || segment !== key.segment) return report('it says that it is another segment');

	for (let offset = PREAMBLE_BYTES; ; ) {
		if (offset + FRAME_HEADER_BYTES > end) return report('it ends early');
		const header = await read(offset, FRAME_HEADER_BYTES);
		const hash = header.toString('hex', 0, 32) as BlockHash;
		const length = header.readUInt32BE(32);
		offset += FRAME_HEADER_BYTES;
		if (length === 0) return report(offset === end ? undefined : 'something follows its end');
		if (offset + length > end) return report('it ends early');
		const place = { hash, offset, length };
		(blockHash(await read(offset, length)) === hash ? intact : damaged).push(place);
		offset += length;
	}
}

/** Reads forward in large steps; the caller takes small ones. */
function windowed(storage: SegmentStorage, key: SegmentKey, end: number) {
	let start = 0;
	let window: Buffer = Buffer.alloc(0);
	return async (offset: number, length: number): Promise<Buffer> => {
		if (offset + length > start + window.length) {
			start = offset;
			window = await storage.read(key, offset, Math.min(Math.max(length, READ_BYTES), end - offset));
		}
		return window.subarray(offset - start, offset - start + length);
	};
}
