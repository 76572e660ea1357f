import type { BlockHash, Content } from '@mydropbox/protocol';
import { BlockSplitter, blockHash } from '@mydropbox/protocol/content';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { isRacy } from '../quiet.ts';
import { errorCode } from './list.ts';

export type ReadResult =
	/** `racy`: written so shortly before that a later write could leave the same stamp. */
	| { readonly entry: DiskEntry; readonly content: Content; readonly racy: boolean }
	/** Gone, replaced, or written while it was read: look again. */
	| { readonly changed: true }
	| { readonly error: string };

const PIECE_BYTES = 4 * 1024 * 1024;
/** Used again for each small file. */
const small = new Uint8Array(64 * 1024);

/** Cuts and hashes files. Each result is of one moment: stat, read, stat. */
export function readFiles(fs: Fs, paths: readonly string[]): ReadResult[] {
	return paths.map((path) => {
		try {
			return readFile(fs, path);
		} catch (error) {
			return isGone(error) ? { changed: true } : { error: errorCode(error) };
		}
	});
}

/** There is no file of that name any more. */
export const isGone = (error: unknown): boolean => ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorCode(error));

function readFile(fs: Fs, path: string): ReadResult {
	const before = fs.stat(path);
	if (before?.kind !== 'file') return { changed: true };
	const racy = isRacy(before, fs.now());
	const file = fs.openRead(path);
	const splitter = new BlockSplitter();
	try {
		const buffer = before.size < small.length ? small : new Uint8Array(Math.min(PIECE_BYTES, before.size + 1));
		// Not to the end: a program that appends faster than we read never lets us reach it.
		for (let position = 0; position <= before.size; ) {
			const count = fs.read(file, buffer, position);
			if (count === 0) break;
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
	return same ? { entry: after, content, racy } : { changed: true };
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
