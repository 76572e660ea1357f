import type { BlockHash, UserId } from '@mydropbox/protocol';
import { blockHash, endFrame, FRAME_HEADER_BYTES, type FramedBlock, frameHeader } from '@mydropbox/protocol/content';
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

/** The bytes of a segment. Tells `placed` where each block came to lie. */
export async function* encodeSegment(
	{ owner, segment }: SegmentKey,
	blocks: AsyncIterable<FramedBlock>,
	placed: (place: BlockPlace) => void,
): AsyncGenerator<Uint8Array> {
	yield Buffer.concat([MAGIC, Buffer.from(owner, 'hex'), Buffer.from(segment, 'hex')]);
	let offset = PREAMBLE_BYTES;
	for await (const { hash, bytes } of blocks) {
		const place = { hash, offset: offset + FRAME_HEADER_BYTES, length: bytes.length };
		yield frameHeader(hash, place.length);
		yield bytes;
		placed(place);
		offset = place.offset + place.length;
	}
	yield endFrame();
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
