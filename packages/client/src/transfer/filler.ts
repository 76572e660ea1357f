import { LIMITS } from '@mydropbox/protocol';
import type { StagePiece } from '../fs/jobs/stage.ts';
import type { BlockSource, FetchOptions } from './block-source.ts';
import { inParallel, inSlices } from './flow.ts';
import type { StagedFile } from './staged-file.ts';

/** Of one file. */
export const REQUESTS_AT_ONCE = 3;
/** Parts that are copied from this disk, and verified, at once: as many as there are threads. */
const COPIES_AT_ONCE = 2;

/** Brings pieces of large files to where they belong. */
export class Filler {
	readonly #source: BlockSource;
	readonly #sliceBytes: number;
	readonly #interrupted: () => boolean;

	/** @param sliceBytes of what is asked for at once, or copied in one go. */
	constructor(source: BlockSource, sliceBytes: number, interrupted: () => boolean) {
		this.#source = source;
		this.#sliceBytes = sliceBytes;
		this.#interrupted = interrupted;
	}

	/** Those that another file of this disk turns out to hold. */
	async copy(file: StagedFile, pieces: readonly StagePiece[]): Promise<void> {
		const here = pieces.flatMap((piece) => {
			const from = this.#source.onDisk(piece);
			return from ? [{ ...piece, from }] : [];
		});
		const slices = inSlices(here, Number.POSITIVE_INFINITY, this.#sliceBytes);
		await inParallel(slices, COPIES_AT_ONCE, (slice) => file.write(slice));
	}

	/** From the server. @returns false when there was an interruption. */
	async fetch(file: StagedFile, pieces: readonly StagePiece[], options: FetchOptions): Promise<boolean> {
		let isLeft = false;
		const slices = inSlices(pieces, LIMITS.hashesPerRequest / 4, this.#sliceBytes);
		await inParallel(slices, REQUESTS_AT_ONCE, async (slice) => {
			isLeft ||= this.#interrupted();
			if (!isLeft) await file.write(await this.#arrived(slice, options));
		});
		return !isLeft;
	}

	/** A block may belong in several places. */
	async #arrived(pieces: readonly StagePiece[], options: FetchOptions): Promise<StagePiece[]> {
		const places = Map.groupBy(pieces, ({ hash }) => hash);
		const distinct = [...places.values()].map(([first]) => first!);
		const arrived: StagePiece[] = [];
		for await (const { hash, bytes } of this.#source.fetch(distinct, options)) {
			for (const { start, size } of places.get(hash)!) arrived.push({ hash, size, start, bytes });
		}
		return arrived;
	}
}
