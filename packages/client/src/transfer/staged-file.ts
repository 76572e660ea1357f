import { join } from 'node:path';
import type { Content } from '@mydropbox/protocol';
import type { DiskEntry } from '../fs/entry.ts';
import type { Disk } from '../fs/jobs/index.ts';
import type { StagePiece } from '../fs/jobs/stage.ts';
import { inSlices } from './flow.ts';

/** Bytes of a file that are written, or looked at, in one job. */
const JOB_BYTES = 8 * 1024 * 1024;

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
	/** Of the temporary file; absolute. */
	readonly path: string;
	readonly #disk: Disk;
	readonly #content: Content;
	/** What this process has left there; undefined when it has to be verified. */
	#identity: string | undefined;
	/** What is not there, by where it begins, in the order of the file. */
	readonly #left = new Map<number, StagePiece>();
	#bytesLeft = 0;

	constructor(disk: Disk, tempDir: string, content: Content) {
		this.#disk = disk;
		this.#content = content;
		this.path = join(tempDir, `get-${content.hash}`);
	}

	/** In the order of the file. */
	get left(): StagePiece[] {
		return [...this.#left.values()];
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
			for (const piece of piecesOf(this.#content)) this.#left.set(piece.start, piece);
			this.#bytesLeft = this.#content.size;
			if (before) for (const slice of inSlices(this.left, Infinity, JOB_BYTES)) await this.write(slice);
		}
		await this.write([]);
		this.#identity = (await this.#look())?.identity;
	}

	/**
	 * Writes pieces that have bytes or a place to take them from; of others it finds out whether they are there. Several calls
	 * may be under way, about different pieces. @param durably see the job.
	 */
	async write(pieces: readonly StagePiece[], durably = false): Promise<void> {
		// As long as nothing is known of what is there, it takes no more room.
		const toCome = pieces.every(({ bytes, from }) => bytes || from) ? this.#bytesLeft : 0;
		const result = await this.#disk.run('stage', this.path, pieces, toCome, durably);
		if ('error' in result) {
			// A disk that cannot bring everything to where it belongs does not say what it has lost.
			this.#identity = undefined;
			throw new StagingFailed(result.error);
		}
		const missing = new Set(result.missing);
		for (const [index, { start, size }] of pieces.entries()) {
			if (!missing.has(index) && this.#left.delete(start)) this.#bytesLeft -= size;
		}
	}

	async #look(): Promise<DiskEntry | null | undefined> {
		const [entry] = await this.#disk.run('statPaths', [this.path]);
		return entry;
	}
}

function piecesOf({ blocks }: Content): StagePiece[] {
	let end = 0;
	return blocks.map(({ hash, size }) => {
		end += size;
		return { hash, size, start: end - size };
	});
}
