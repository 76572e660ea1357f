import type { BlockRef } from '@mydropbox/protocol';
import { blockHash, Chunker, type FramedBlock } from '@mydropbox/protocol/content';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { isRacy } from '../quiet.ts';
import { errorCode } from './list.ts';
import { isGone, readWhole } from './read.ts';

export type CutResult =
	| {
			/** The same before and after this was read. */
			readonly entry: DiskEntry;
			/** As of a ReadResult. */
			readonly racy: boolean;
			/** What was given; the blocks lie in it one after the other. */
			readonly memory: Uint8Array;
			/** Bytes of each block. */
			readonly sizes: readonly number[];
			/** The file ends after them. */
			readonly isLast: boolean;
	  }
	/** Gone, replaced, or written while it was read: look again. */
	| { readonly changed: true }
	| { readonly error: string };

/**
 * Reads and cuts the next part of a file, as much as the memory holds: stat, read, stat. Where a block ends, the chunker
 * knows nothing more of what was before; so a file can be cut part by part, and the blocks are those of the whole. They are
 * hashed by another job, and by then the next part can be read.
 * @param start where a block begins.
 * @param memory longer than the longest block; it is the job's until the result gives it back.
 */
export function cutFile(fs: Fs, path: string, start: number, memory: Uint8Array): CutResult {
	try {
		const before = fs.stat(path);
		if (before?.kind !== 'file' || before.size <= start) return { changed: true };
		const racy = isRacy(before, fs.now());
		const bytes = memory.subarray(0, before.size - start);
		const file = fs.openRead(path);
		try {
			if (!readWhole(fs, file, bytes, start)) return { changed: true };
		} finally {
			fs.close(file);
		}
		const isLast = start + bytes.length === before.size;
		const sizes = cut(bytes, isLast);
		const after = fs.stat(path);
		const same = after?.identity === before.identity && after.stamp === before.stamp;
		return same ? { entry: after, racy, memory, sizes, isLast } : { changed: true };
	} catch (error) {
		return isGone(error) ? { changed: true } : { error: errorCode(error) };
	}
}

function cut(bytes: Uint8Array, isLast: boolean): number[] {
	const chunker = new Chunker();
	const sizes: number[] = [];
	for (let from = 0; from < bytes.length; ) {
		const end = chunker.next(bytes, from, bytes.length);
		if (end === -1 && !isLast) break;
		const size = (end === -1 ? bytes.length : end) - from;
		sizes.push(size);
		from += size;
	}
	return sizes;
}

/** @param memory of a CutResult; it is the job's until the blocks in it give it back. */
export function hashBlocks(_fs: Fs, memory: Uint8Array, sizes: readonly number[]): (BlockRef & FramedBlock)[] {
	let end = 0;
	return sizes.map((size) => {
		end += size;
		const bytes = memory.subarray(end - size, end);
		return { hash: blockHash(bytes), size, bytes };
	});
}
