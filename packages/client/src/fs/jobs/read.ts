import type { BlockHash, Content } from '@mydropbox/protocol';
import { BlockSplitter, blockHash } from '@mydropbox/protocol/content';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';

export type ReadResult =
	| ReadFile
	/** Gone, replaced, or written while it was read: look again. */
	| { readonly changed: true }
	| { readonly error: string };

export interface ReadFile {
	readonly entry: DiskEntry;
	readonly content: Content;
	/** When its reading began, in milliseconds since 1970: whoever hears of it late must not take that for quiet. */
	readonly readAt: number;
	/** All of it, where there was room. */
	readonly bytes?: Uint8Array;
}

const PIECE_BYTES = 4 * 1024 * 1024;
/** Used again for each small file. */
const small = new Uint8Array(64 * 1024);

/**
 * Cuts and hashes files. Each result is of one moment: stat, read, stat.
 * @param room for the bytes of small files, in one piece of memory; each needs one byte more than it has.
 */
export function readFiles(fs: Fs, paths: readonly string[], room = 0): ReadResult[] {
	let free = new Uint8Array(room);
	return paths.map((path) => {
		try {
			const result = readFile(fs, path, free);
			if ('bytes' in result) free = free.subarray(result.bytes?.length);
			return result;
		} catch (error) {
			return isGone(error) ? { changed: true } : { error: errorCode(error) };
		}
	});
}

/** There is no file of that name any more. */
export const isGone = (error: unknown): boolean => ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorCode(error));

function readFile(fs: Fs, path: string, free: Uint8Array): ReadResult {
	const before = fs.stat(path);
	if (before?.kind !== 'file') return { changed: true };
	const readAt = fs.now();
	// One byte more than there should be tells whether it has grown.
	const fits = (memory: Uint8Array) => before.size < memory.length;
	const large = () => new Uint8Array(Math.min(PIECE_BYTES, before.size + 1));
	const isKept = fits(free);
	const buffer = isKept ? free.subarray(0, before.size + 1) : fits(small) ? small : large();
	let reads = 0;
	const file = fs.openRead(path);
	const splitter = new BlockSplitter();
	try {
		// Not to the end: a program that appends faster than we read never lets us reach it.
		for (let position = 0; position <= before.size; ) {
			const count = fs.read(file, buffer, position);
			if (count === 0) break;
			reads++;
			drain(splitter.push(buffer.subarray(0, count)));
			position += count;
			if (position === before.size && count < buffer.length) break;
		}
		drain(splitter.end());
	} finally {
		fs.close(file);
	}
	const content = splitter.content();
	const after = fs.stat(path);
	const same = after?.identity === before.identity && after.stamp === before.stamp && content.size === before.size;
	if (!same) return { changed: true };
	return {
		entry: after,
		content,
		readAt,
		...(isKept && reads <= 1 ? { bytes: free.subarray(0, content.size) } : {}),
	};
}

function drain(blocks: Iterable<unknown>): void {
	for (const _ of blocks);
}

export interface BlockPlace {
	readonly hash: BlockHash;
	readonly start: number;
	readonly size: number;
}

export interface BlocksOfFile {
	readonly path: string;
	readonly places: readonly BlockPlace[];
}

/**
 * The bytes of some blocks of some files, each verified; null for one that is not there any more. All are parts of one
 * piece of memory.
 */
export function readBlocks(fs: Fs, files: readonly BlocksOfFile[]): (Uint8Array | null)[][] {
	const sizes = files.flatMap(({ places }) => places.map(({ size }) => size));
	const memory = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
	let taken = 0;
	return files.map(({ path, places }) => {
		const own = places.map(({ size }) => {
			taken += size;
			return memory.subarray(taken - size, taken);
		});
		return readBlocksOf(fs, path, places, own);
	});
}

function readBlocksOf(
	fs: Fs,
	path: string,
	places: readonly BlockPlace[],
	memory: readonly Uint8Array[],
): (Uint8Array | null)[] {
	let file: number;
	try {
		file = fs.openRead(path);
	} catch {
		return places.map(() => null);
	}
	try {
		return places.map((place, index) => readBlock(fs, file, place, memory[index]!));
	} finally {
		fs.close(file);
	}
}

function readBlock(fs: Fs, file: number, { hash, start }: BlockPlace, memory: Uint8Array): Uint8Array | null {
	try {
		if (!readWhole(fs, file, memory, start)) return null;
	} catch {
		return null;
	}
	return blockHash(memory) === hash ? memory : null;
}

/** @returns false when the file ends before. */
export function readWhole(fs: Fs, file: number, bytes: Uint8Array, start: number): boolean {
	for (let done = 0; done < bytes.length; ) {
		const count = fs.read(file, bytes.subarray(done), start + done);
		if (count === 0) return false;
		done += count;
	}
	return true;
}
