import { join } from 'node:path';
import type { BlockRef, Content } from '@mydropbox/protocol';
import type { DiskEntry } from '../fs/entry.ts';
import type { Disk } from '../fs/jobs/index.ts';
import type { StagePiece } from '../fs/jobs/stage.ts';
import { inSlices } from './flow.ts';

/** Bytes of a file that are written, or looked at, in one job. */
const JOB_BYTES = 8 * 1024 * 1024;
/** Writes after which the disk takes what has come, while more is on its way: synced in one go, a large file waits for all of it. */
const SYNC_EVERY = 4;

/** Thrown when the disk refuses the temporary file; `code` is Node's. */
export class StagingFailed extends Error {
	readonly code: string;
	constructor(code: string) {
		super(`The temporary file cannot be written (${code}).`);
		this.code = code;
	}
}

/** A large file that is put together in a temporary one, in as many rounds as it takes. */
export class StagedFile {
	#path: string;
	readonly #disk: Disk;
	readonly #size: number;
	/** As far as it is known what belongs there; by where it begins. */
	readonly #pieces = new Map<number, StagePiece>();
	/** What this process has left there; undefined when it has to be verified. */
	#identity: string | undefined;
	/** What is not there, by where it begins, in the order in which it became known. */
	readonly #left = new Map<number, StagePiece>();
	#bytesLeft: number;
	#writes = 0;

	/** Nothing is known of it yet but its size, in bytes. */
	constructor(disk: Disk, path: string, size: number) {
		this.#disk = disk;
		this.#path = path;
		this.#size = size;
		this.#bytesLeft = size;
	}

	static of(content: Content, disk: Disk, tempDir: string): StagedFile {
		const file = new StagedFile(disk, pathFor(content, tempDir), content.size);
		file.expect(piecesOf(content.blocks));
		return file;
	}

	/** Of the temporary file; absolute. */
	get path(): string {
		return this.#path;
	}

	/** What else belongs there; what is known already is not asked for again. */
	expect(pieces: readonly StagePiece[]): void {
		for (const piece of pieces) {
			if (this.#pieces.has(piece.start)) continue;
			this.#pieces.set(piece.start, piece);
			this.#left.set(piece.start, piece);
		}
	}

	/** Whether it may be this content: something is known of it, and all of that is so there. */
	fits({ size, blocks }: Content): boolean {
		if (size !== this.#size || this.#pieces.size === 0) return false;
		const theirs = new Map(piecesOf(blocks).map((piece) => [piece.start, piece]));
		return [...this.#pieces.values()].every(({ start, hash }) => theirs.get(start)?.hash === hash);
	}

	/**
	 * It is to be this content, which it MUST fit, and is called so from now on: found again by another process, too. Nothing may
	 * be under way. @returns whether the disk took that.
	 */
	async become(content: Content, tempDir: string): Promise<boolean> {
		const path = pathFor(content, tempDir);
		if (!(await this.#disk.run('renameStaged', this.#path, path))) return false;
		this.#path = path;
		this.expect(piecesOf(content.blocks));
		return true;
	}

	#isThere({ start, size }: StagePiece): void {
		if (this.#left.delete(start)) this.#bytesLeft -= size;
	}

	/** Bytes of the whole. */
	get size(): number {
		return this.#size;
	}

	get left(): StagePiece[] {
		return [...this.#left.values()];
	}

	/** Those of the pieces that are not there. */
	missing(pieces: readonly StagePiece[]): StagePiece[] {
		return pieces.filter(({ start }) => this.#left.has(start));
	}

	get bytesLeft(): number {
		return this.#bytesLeft;
	}

	/**
	 * Finds out what is there. What this process has written is; what was left by another one, before a crash or a power
	 * cut, is verified. @throws StagingFailed when there is no room for the rest.
	 */
	async open(): Promise<void> {
		const before = await this.#look();
		if (!before || before.identity !== this.#identity || before.links > 1) {
			this.#left.clear();
			for (const piece of this.#pieces.values()) this.#left.set(piece.start, piece);
			this.#bytesLeft = this.#size;
			if (before) for (const slice of inSlices(this.left, Infinity, JOB_BYTES)) await this.write(slice);
		}
		await this.write([]);
		this.#identity = (await this.#look())?.identity;
	}

	/**
	 * Writes pieces that have bytes or a place to take them from; of others it finds out whether they are there. Several calls
	 * may be under way, about different pieces.
	 */
	async write(pieces: readonly StagePiece[]): Promise<void> {
		const durably = pieces.length > 0 && ++this.#writes % SYNC_EVERY === 0;
		// As long as nothing is known of what is there, it takes no more room.
		const toCome = pieces.every(({ bytes, from }) => bytes || from) ? this.#bytesLeft : 0;
		const result = await this.#disk.run('stage', this.#path, pieces, toCome, durably);
		if ('error' in result) {
			// A disk that cannot bring everything to where it belongs does not say what it has lost.
			this.#identity = undefined;
			throw new StagingFailed(result.error);
		}
		const missing = new Set(result.missing);
		for (const [index, piece] of pieces.entries()) if (!missing.has(index)) this.#isThere(piece);
	}

	/** Whether the temporary file is still the one that all of it was written to. */
	async isIntact(): Promise<boolean> {
		const now = await this.#look();
		return now?.links === 1 && now.identity === this.#identity;
	}

	async #look(): Promise<DiskEntry | null | undefined> {
		const [entry] = await this.#disk.run('statPaths', [this.#path]);
		return entry;
	}
}

/** Where another process finds it, too. */
const pathFor = ({ hash }: Content, tempDir: string): string => join(tempDir, `get-${hash}`);

/** @param start where the first of them begins. */
export function piecesOf(blocks: readonly BlockRef[], start = 0): StagePiece[] {
	let end = start;
	return blocks.map(({ hash, size }) => {
		end += size;
		return { hash, size, start: end - size };
	});
}
