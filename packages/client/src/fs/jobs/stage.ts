import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';
import { type BlockPlace, readBlocks } from './read.ts';

/** A block of a file that is being put together, and where it may be found on this disk. */
export interface StagePiece extends BlockPlace {
	/** The block itself, verified. */
	readonly bytes?: Uint8Array;
	/** Or a file that should hold it. */
	readonly from?: { readonly path: string; readonly start: number };
}

export type StageResult = { readonly missing: readonly number[] } | { readonly error: string };

/**
 * Writes blocks into a temporary file, from memory or from files that should hold them, each verified. Without
 * either it checks whether the temporary file holds the block already.
 * @returns indices of the pieces that are still missing.
 */
export function stage(fs: Fs, temp: string, pieces: readonly StagePiece[]): StageResult {
	try {
		// With a second name it has been published: to write into it would be to write into somebody's file.
		if ((fs.stat(temp)?.links ?? 0) > 1) fs.unlink(temp);
		const file = fs.openWrite(temp);
		try {
			const missing: number[] = [];
			pieces.forEach((piece, index) => {
				const bytes = piece.bytes ?? findBytes(fs, temp, piece);
				if (!bytes) missing.push(index);
				else if (piece.bytes || piece.from) fs.write(file, bytes, piece.start);
			});
			return { missing };
		} finally {
			fs.close(file);
		}
	} catch (error) {
		return { error: errorCode(error) };
	}
}

function findBytes(fs: Fs, temp: string, { hash, start, size, from }: StagePiece): Uint8Array | null {
	const source = from ?? { path: temp, start };
	return readBlocks(fs, source.path, [{ hash, start: source.start, size }])[0]!;
}
