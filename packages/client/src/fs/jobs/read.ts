import type { BlockHash, Content } from '@mydropbox/protocol';
import { BlockSplitter, blockHash } from '@mydropbox/protocol/content';
import type { Fs } from '../port.ts';
import { type Moment, ofOneMoment, readWhole, type Unread } from './moment.ts';

export interface ReadFile extends Moment {
	readonly content: Content;
	/** All of it, where there was room. */
	readonly bytes?: Uint8Array;
}
export type ReadResult = ReadFile | Unread;

const PIECE_BYTES = 4 * 1024 * 1024;
/** Used again for each small file. */
const small = new Uint8Array(64 * 1024);

/**
 * Cuts and hashes files, each as it is at one moment.
 * @param room for the bytes of small files, in one piece of memory; each needs one byte more than it has.
 */
export function readFiles(fs: Fs, paths: readonly string[], room = 0): ReadResult[] {
	let free = new Uint8Array(room);
	return paths.map((path) => {
		const result = ofOneMoment(fs, path, (file, { size }) => readFile(fs, file, size, free));
		if ('bytes' in result) free = free.subarray(result.bytes?.length);
		return result;
	});
}

function readFile(fs: Fs, file: number, size: number, free: Uint8Array): Omit<ReadFile, keyof Moment> | undefined {
	// One byte more than there should be tells whether it has grown.
	const fits = (memory: Uint8Array) => size < memory.length;
	const large = () => new Uint8Array(Math.min(PIECE_BYTES, size + 1));
	const isKept = fits(free);
	const buffer = isKept ? free.subarray(0, size + 1) : fits(small) ? small : large();
	let reads = 0;
	const splitter = new BlockSplitter();
	// Not to the end: a program that appends faster than we read never lets us reach it.
	for (let position = 0; position <= size; ) {
		const count = fs.read(file, buffer, position);
		if (count === 0) break;
		reads++;
		drain(splitter.push(buffer.subarray(0, count)));
		position += count;
		if (position === size && count < buffer.length) break;
	}
	drain(splitter.end());
	const content = splitter.content();
	if (content.size !== size) return undefined;
	return { content, ...(isKept && reads <= 1 ? { bytes: free.subarray(0, size) } : {}) };
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
		return readBlocksInto(fs, path, places, own);
	});
}

/** The same of one file, each in its own memory, which is as long as it is. */
export function readBlocksInto(
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
