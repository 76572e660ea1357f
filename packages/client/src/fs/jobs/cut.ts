import type { BlockRef } from '@mydropbox/protocol';
import { blockHash, Chunker, type FramedBlock } from '@mydropbox/protocol/content';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';
import { isGone, readWhole } from './read.ts';

export type CutResult =
	| {
			/** The same before and after these blocks were read. */
			readonly entry: DiskEntry;
			/** As of a ReadFile. */
			readonly readAt: number;
			/** In the memory that was given. */
			readonly blocks: readonly (BlockRef & FramedBlock)[];
			/** The file ends after them. */
			readonly isLast: boolean;
	  }
	/** Gone, replaced, or written while it was read: look again. */
	| { readonly changed: true }
	| { readonly error: string };

/**
 * Cuts and hashes the next part of a file, as much as the memory holds: stat, read, stat. Where a block ends, the chunker
 * knows nothing more of what was before; so a file can be cut part by part, and the blocks are those of the whole.
 * @param start where a block begins.
 * @param memory longer than the longest block; it is the job's until the result gives it back.
 */
export function cutFile(fs: Fs, path: string, start: number, memory: Uint8Array): CutResult {
	try {
		const before = fs.stat(path);
		if (before?.kind !== 'file' || before.size <= start) return { changed: true };
		const readAt = fs.now();
		const bytes = memory.subarray(0, before.size - start);
		const file = fs.openRead(path);
		try {
			if (!readWhole(fs, file, bytes, start)) return { changed: true };
		} finally {
			fs.close(file);
		}
		const isLast = start + bytes.length === before.size;
		const blocks = cut(bytes, isLast);
		const after = fs.stat(path);
		const same = after?.identity === before.identity && after.stamp === before.stamp;
		return same ? { entry: after, readAt, blocks, isLast } : { changed: true };
	} catch (error) {
		return isGone(error) ? { changed: true } : { error: errorCode(error) };
	}
}

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
