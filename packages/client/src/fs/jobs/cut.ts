import type { BlockRef } from '@mydropbox/protocol';
import { blockHash, Chunker, type FramedBlock } from '@mydropbox/protocol/content';
import { LIMITS } from '@mydropbox/protocol/limits';
import type { Fs } from '../port.ts';
import { type Moment, ofOneMoment, readWhole, type Unread } from './moment.ts';

export interface CutPart {
	/** In the memory that was given. */
	readonly blocks: readonly (BlockRef & FramedBlock)[];
	/** The file ends after them. */
	readonly isLast: boolean;
}
export type CutResult = (Moment & CutPart) | Unread;

/**
 * Cuts and hashes the next part of a file, as much as the memory holds. Where a block ends, the chunker knows nothing more
 * of what was before; so a file can be cut part by part, and the blocks are those of the whole.
 * @param start where a block begins.
 * @param memory longer than the longest block; it is the job's until the result gives it back.
 */
export const cutFile = (fs: Fs, path: string, start: number, memory: Uint8Array): CutResult =>
	ofOneMoment(fs, path, (file, { size }) => {
		if (size <= start) return undefined;
		const bytes = memory.subarray(0, size - start);
		if (!readWhole(fs, file, bytes, start)) return undefined;
		const isLast = start + bytes.length === size;
		return { blocks: cut(bytes, isLast), isLast };
	});

function cut(bytes: Uint8Array, isLast: boolean): (BlockRef & FramedBlock)[] {
	const chunker = new Chunker();
	const blocks: (BlockRef & FramedBlock)[] = [];
	for (let from = 0; from < bytes.length; ) {
		const end = chunker.next(bytes, from, bytes.length);
		if (end === -1 && !isLast) break;
		const own = bytes.subarray(from, end === -1 ? bytes.length : end);
		blocks.push({ hash: blockHash(own), size: own.length, bytes: own });
		from += own.length;
	}
	return blocks;
}

export interface MatchedPart {
	/** So many of the blocks, from the first on, are what the file holds there. */
	readonly count: number;
	/** The file ends after them. */
	readonly isLast: boolean;
}
export type MatchResult = (Moment & MatchedPart) | Unread;

/** Used again for each block: what has just been read is hashed where it is nearest. */
const one = new Uint8Array(LIMITS.blockBytes);

/**
 * Whether a part of a file is still made of the blocks that it was made of: it is hashed, but not cut, and nothing of it
 * stays in memory. Where the chunker cuts depends on nothing but the bytes since its last cut; so blocks that it has cut
 * once are those that it would cut again.
 * @param start where a block begins.
 * @param blocks none of them the last of its file: that one ends where the file ended.
 */
export const matchBlocks = (fs: Fs, path: string, start: number, blocks: readonly BlockRef[]): MatchResult =>
	ofOneMoment(fs, path, (file, { size }) => {
		let end = start;
		const differs = blocks.findIndex((block) => {
			const bytes = one.subarray(0, block.size);
			const isSame = readWhole(fs, file, bytes, end) && blockHash(bytes) === block.hash;
			if (isSame) end += block.size;
			return !isSame;
		});
		const count = differs === -1 ? blocks.length : differs;
		return { count, isLast: end === size };
	});
