import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApiError, UserId } from '@mydropbox/protocol';
import { freeMemory } from '@mydropbox/protocol/content';
import { SegmentId, type SegmentKey, SegmentLost, type SegmentStorage } from './segment-storage.ts';

const SEGMENT = '.segment';
/** A segment that is being written, or was when the power went. */
const UNFINISHED = '.unfinished';
/** Small pieces are gathered before they go to the file. */
const WRITE_BYTES = 4 * 1024 * 1024;

/** Segments as files: `<directory>/<owner>/<segment>.segment`. */
export class LocalDirectory implements SegmentStorage {
	readonly #directory: string;
	/** Folders of owners that are known to be there for good. */
	readonly #made = new Map<string, Promise<void>>();

	private constructor(directory: string) {
		this.#directory = directory;
	}

	/** Makes the directory if need be and clears away what was never finished. Only one process may have it open. */
	static async open(directory: string): Promise<LocalDirectory> {
		await mkdir(directory, { recursive: true, mode: 0o700 });
		const storage = new LocalDirectory(directory);
		for await (const { folder, name } of storage.#files()) {
			if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
		}
		return storage;
	}

	async write(key: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number> {
		const path = this.#path(key);
		const unfinished = `${path.slice(0, -SEGMENT.length)}${UNFINISHED}`;
		try {
			await this.#makeFolder(dirname(path));
			const bytes = await writeDurably(unfinished, pieces);
			await rename(unfinished, path);
			await syncFolder(dirname(path));
			return bytes;
		} catch (error) {
			await rm(unfinished, { force: true });
			throw isFull(error) ? diskFull(error) : error;
		}
	}

	async read(key: SegmentKey, offset: number, length: number): Promise<Buffer> {
		const file = await open(this.#path(key), 'r').catch((error) => {
			throw isAbsent(error) ? new SegmentLost(key, 'is not there', { cause: error }) : error;
		});
		try {
			const bytes = Buffer.allocUnsafe(length);
			for (let done = 0; done < length; ) {
				const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
				if (bytesRead === 0) throw new SegmentLost(key, `ends before byte ${offset + length}`);
				done += bytesRead;
			}
			return bytes;
		} finally {
			await file.close();
		}
	}

	async *list(): AsyncGenerator<SegmentKey> {
		for await (const { owner, name } of this.#files()) {
			if (!name.endsWith(SEGMENT)) continue;
			const segment = SegmentId.safeParse(name.slice(0, -SEGMENT.length));
			if (segment.success) yield { owner, segment: segment.data };
		}
	}

	async delete(key: SegmentKey): Promise<void> {
		const path = this.#path(key);
		await rm(path, { force: true });
		await syncFolder(dirname(path)).catch((error) => {
			if (!isAbsent(error)) throw error;
		});
	}

	async stat(key: SegmentKey): Promise<{ bytes: number; writtenAt: Date } | undefined> {
		try {
			const { size, mtime } = await stat(this.#path(key));
			return { bytes: size, writtenAt: mtime };
		} catch (error) {
			if (isAbsent(error)) return undefined;
			throw error;
		}
	}

	#path({ owner, segment }: SegmentKey): string {
		return join(this.#directory, owner, segment + SEGMENT);
	}

	/** Files in the owners' folders. Whatever else lies in the directory is not ours. */
	async *#files(): AsyncGenerator<{ owner: UserId; folder: string; name: string }> {
		for (const entry of await readdir(this.#directory, { withFileTypes: true })) {
			const owner = UserId.safeParse(entry.name);
			if (!owner.success || !entry.isDirectory()) continue;
			const folder = join(this.#directory, entry.name);
			for (const name of await readdir(folder)) yield { owner: owner.data, folder, name };
		}
	}

	/** A file is only as durable as the folder that lists it, and that as the folder above. */
	#makeFolder(folder: string): Promise<void> {
		const known = this.#made.get(folder);
		if (known) return known;
		const making = mkdir(folder, { recursive: true, mode: 0o700 }).then(() => syncFolder(dirname(folder)));
		this.#made.set(folder, making);
		making.catch(() => this.#made.delete(folder));
		return making;
	}
}

async function writeDurably(path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
	const file = await open(path, 'wx', 0o600);
	try {
		let total = 0;
		let waiting: Uint8Array[] = [];
		let waitingBytes = 0;
		const flush = async () => {
			await writeWhole(file, waiting, waitingBytes);
			waiting.forEach(freeMemory);
			total += waitingBytes;
			waiting = [];
			waitingBytes = 0;
		};
		for await (const piece of pieces) {
			waiting.push(piece);
			waitingBytes += piece.length;
			if (waitingBytes >= WRITE_BYTES) await flush();
		}
		if (waitingBytes > 0) await flush();
		await file.sync();
		return total;
	} finally {
		await file.close();
	}
}

/** A disk that fills up in the middle makes a short write, not an error; the next write is the error. */
async function writeWhole(file: Awaited<ReturnType<typeof open>>, pieces: Uint8Array[], bytes: number): Promise<void> {
	const { bytesWritten } = await file.writev(pieces);
	if (bytesWritten < bytes) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT';
const isFull = (error: unknown): boolean => codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';

const diskFull = (cause: unknown): ApiError =>
	new ApiError(
		'disk-full',
		"The server's disk is full; nothing of this upload was kept. Its administrator has to make room.",
		{
			cause,
			retryAfter: 60,
		},
	);
