import { dirname } from 'node:path';
import { blockHash, freeMemory } from '@mydropbox/protocol/content';
import { LIMITS } from '@mydropbox/protocol/limits';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';
import { type BlockPlace, readBlocksInto } from './read.ts';

/** A block of a file that is being put together, and where it may be found on this disk. */
export interface StagePiece extends BlockPlace {
	/** The block itself. */
	readonly bytes?: Uint8Array;
	/** Or a file that should hold it. */
	readonly from?: { readonly path: string; readonly start: number };
}

export type StageResult = { readonly missing: readonly number[] } | { readonly error: string };

/**
 * Writes blocks into a temporary file, from memory or from files that should hold them, each verified. Without
 * either it checks whether the temporary file holds the block already. Where there is no room for the rest of the file,
 * the temporary one goes: what fits must not wait for what does not, and the disk is not only ours. The bytes are the
 * job's, and their memory is freed.
 * @param toCome bytes by which the file will grow until it is complete, these pieces included.
 * @param durably whether to wait until the disk has all that was written to it, so that less is left for the end.
 * @returns indices of the pieces that are still missing.
 */
export function stage(
	fs: Fs,
	temp: string,
	pieces: readonly StagePiece[],
	toCome: number,
	durably = false,
): StageResult {
	try {
		if (toCome > fs.freeBytes(dirname(temp))) return giveBack(fs, temp, 'ENOSPC');
		// With a second name it has been published: to write into it would be to write into somebody's file.
		if ((fs.stat(temp)?.links ?? 0) > 1) fs.unlink(temp);
		const file = fs.openWrite(temp);
		try {
			const missing: number[] = [];
			pieces.forEach((piece, index) => {
				const bytes = piece.bytes ? verified(piece.bytes, piece) : findBytes(fs, temp, piece);
				if (!bytes) missing.push(index);
				else if (piece.bytes || piece.from) fs.write(file, bytes, piece.start);
			});
			for (const { bytes } of pieces) if (bytes) freeMemory(bytes);
			if (durably) fs.syncFile(file);
			return { missing };
		} finally {
			fs.close(file);
		}
	} catch (error) {
		const code = errorCode(error);
		return NO_ROOM.includes(code) ? giveBack(fs, temp, code) : { error: code };
	}
}

/** Gives a temporary file its name, once it is known what it is to be. @returns whether it could be done. */
export function renameStaged(fs: Fs, temp: string, to: string): boolean {
	try {
		fs.rename(temp, to);
		return true;
	} catch {
		return false;
	}
}

const NO_ROOM = ['ENOSPC', 'EDQUOT'];

function giveBack(fs: Fs, temp: string, error: string): StageResult {
	try {
		if (fs.stat(temp)) fs.unlink(temp);
	} catch {
		// What the disk said first is what a person has to know.
	}
	return { error };
}

const verified = (bytes: Uint8Array, { hash }: StagePiece): Uint8Array | null =>
	blockHash(bytes) === hash ? bytes : null;

/** Used again for each block that is copied: new memory for each would take as long as hashing it. */
const one = new Uint8Array(LIMITS.blockBytes);

function findBytes(fs: Fs, temp: string, { hash, start, size, from }: StagePiece): Uint8Array | null {
	const source = from ?? { path: temp, start };
	return readBlocksInto(fs, source.path, [{ hash, start: source.start, size }], [one.subarray(0, size)])[0]!;
}
