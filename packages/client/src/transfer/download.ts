import { join } from 'node:path';
import {
	ApiError,
	type BlockHash,
	type BlockRef,
	type Content,
	type ContentHash,
	LIMITS,
	type NamespaceId,
} from '@mydropbox/protocol';
import { contentIsConsistent } from '@mydropbox/protocol/content';
import type { GetBlocksOptions, SyncServer } from '@mydropbox/remote';
import type { Disk } from '../fs/jobs/index.ts';
import type { StagePiece } from '../fs/jobs/stage.ts';
import type { Store } from '../state/store.ts';
import { inParallel, inSlices } from './flow.ts';
import type { Portions } from './portions.ts';
import { StagedFile } from './staged-file.ts';

export interface DownloaderOptions {
	readonly server: SyncServer;
	readonly disk: Disk;
	readonly store: Store;
	readonly namespace: NamespaceId;
	/** Absolute path of the synced folder. */
	readonly folder: string;
	readonly tempDir: string;
	readonly portions: Portions;
	readonly interrupted: () => boolean;
	readonly onBytes: (count: number) => void;
}

/** Where the whole content can be taken from. */
export type Source = { readonly pieces: readonly Uint8Array[] } | { readonly staged: string };

/** Of a large file. */
const REQUESTS_AT_ONCE = 3;
/** Parts of a large file that are copied from this disk, and verified, at once: as many as there are threads. */
const COPIES_AT_ONCE = 2;
/** Parts after which the disk takes what has come, while more is on its way: synced in one go, a large file waits for all of it. */
const SYNC_EVERY = 4;
const isSynced = (index: number): boolean => index % SYNC_EVERY === SYNC_EVERY - 1;
/** Incomplete large files of which it is known what is in them. */
const MOST_STAGED = 16;

/** Gets contents: from files on this disk that hold the same blocks, the rest from the server. */
export class Downloader {
	readonly #options: DownloaderOptions;
	/** Large files that are not complete. */
	readonly #staged = new Map<ContentHash, StagedFile>();

	constructor(options: DownloaderOptions) {
		this.#options = options;
	}

	/** Whether it is put together in a temporary file. */
	isLarge(bytes: number): boolean {
		return bytes > this.#options.portions.inMemory;
	}

	/** Makes sure that the block lists of these contents are known. */
	async learn(hashes: Iterable<ContentHash>, signal: AbortSignal): Promise<void> {
		const { store } = this.#options;
		const unknown = [...new Set(hashes)].filter((hash) => !store.contents.get(hash));
		for (const slice of inSlices(unknown, LIMITS.hashesPerRequest)) await this.#learnSome(slice, signal);
	}

	/** A content that is not there, or not what its hash says, stays unknown; the others are learned all the same. */
	async #learnSome(hashes: ContentHash[], signal: AbortSignal): Promise<void> {
		const { store, server, namespace } = this.#options;
		try {
			const { contents } = await server.contents({ namespace, hashes }, { signal });
			store.observe(() => {
				for (const content of contents) if (contentIsConsistent(content)) store.contents.put(content);
			});
		} catch (error) {
			if (!(error instanceof ApiError && error.code === 'not-found')) throw error;
			if (hashes.length === 1) return;
			const middle = hashes.length >> 1;
			await this.#learnSome(hashes.slice(0, middle), signal);
			await this.#learnSome(hashes.slice(middle), signal);
		}
	}

	/**
	 * Sources of some contents, whose sizes together are at most a few MiB or which are one large file.
	 * One that is missing in the answer was left for the next round; what has arrived of it is kept.
	 */
	async sources(hashes: readonly ContentHash[], signal: AbortSignal): Promise<Map<ContentHash, Source>> {
		const contents = hashes.flatMap((hash) => this.#options.store.contents.get(hash) ?? []);
		const sources = new Map<ContentHash, Source>();
		const small = contents.filter(({ size }) => !this.isLarge(size));
		const blocks = await this.#gather(small, signal);
		for (const { hash, blocks: refs } of small) {
			const pieces = refs.flatMap((ref) => blocks.get(ref.hash) ?? []);
			if (pieces.length === refs.length) sources.set(hash, { pieces });
		}
		for (const content of contents) {
			if (!this.isLarge(content.size)) continue;
			const staged = await this.#stageWhole(content, signal);
			if (staged) sources.set(content.hash, { staged });
		}
		return sources;
	}

	async #gather(contents: readonly Content[], signal: AbortSignal): Promise<Map<BlockHash, Uint8Array>> {
		const { disk, onBytes } = this.#options;
		const blocks = new Map<BlockHash, Uint8Array>();
		const refs = new Map(contents.flatMap(({ blocks: list }) => list).map((ref) => [ref.hash, ref]));
		const local = [...refs.values()].flatMap((ref) => {
			const from = this.#onDisk(ref);
			const { hash, size } = ref;
			return from ? [{ path: from.path, places: [{ hash, size, start: from.start }] }] : [];
		});
		const read = local.length > 0 ? await disk.run('readBlocks', local) : [];
		for (const [index, { places }] of local.entries()) {
			const bytes = read[index]![0];
			if (!bytes) continue;
			blocks.set(places[0]!.hash, bytes);
			onBytes(bytes.length);
		}
		const missing = [...refs.values()].filter(({ hash }) => !blocks.has(hash));
		for (const slice of inSlices(missing, LIMITS.hashesPerRequest, this.#options.portions.request)) {
			for await (const { hash, bytes } of this.#fetch(slice, { signal })) blocks.set(hash, bytes);
		}
		return blocks;
	}

	/** @returns the temporary file, complete but not yet durable; undefined when there was an interruption. */
	async #stageWhole(content: Content, signal: AbortSignal): Promise<string | undefined> {
		const { onBytes, portions } = this.#options;
		const file = this.#stagedFile(content);
		await file.open();
		const here = inSlices(this.#withSource(file.left), Number.POSITIVE_INFINITY, portions.request);
		await inParallel([...here.entries()], COPIES_AT_ONCE, ([index, slice]) => file.write(slice, isSynced(index)));
		onBytes(content.size - file.bytesLeft);
		// What arrives is verified by the thread that writes it; where a block was wrong, the server is asked to find out why.
		for (const isAgain of [false, true]) {
			if (!(await this.#fetchLeft(file, { signal, unverified: !isAgain }))) return undefined;
		}
		this.#staged.delete(content.hash);
		return file.path;
	}

	/** @returns false when there was an interruption. */
	async #fetchLeft(file: StagedFile, options: GetBlocksOptions): Promise<boolean> {
		const { interrupted, portions } = this.#options;
		let isLeft = false;
		const slices = inSlices(file.left, LIMITS.hashesPerRequest / 4, portions.request);
		await inParallel([...slices.entries()], REQUESTS_AT_ONCE, async ([index, slice]) => {
			isLeft ||= interrupted();
			if (isLeft) return;
			const arrived = await this.#fetchPieces(slice, options);
			await file.write(arrived, isSynced(index));
		});
		return !isLeft;
	}

	/** Where it was left. Of old ones, some may be forgotten: what is in them has to be verified then. */
	#stagedFile(content: Content): StagedFile {
		const { disk, tempDir } = this.#options;
		const file = this.#staged.get(content.hash) ?? new StagedFile(disk, tempDir, content);
		const [oldest] = this.#staged.keys();
		if (oldest && this.#staged.size >= MOST_STAGED) this.#staged.delete(oldest);
		this.#staged.set(content.hash, file);
		return file;
	}

	/** Those that another file of this disk should hold. */
	#withSource(pieces: readonly StagePiece[]): StagePiece[] {
		return pieces.flatMap((piece) => {
			const from = this.#onDisk(piece);
			return from ? [{ ...piece, from }] : [];
		});
	}

	/** A block may belong in several places. */
	async #fetchPieces(pieces: readonly StagePiece[], options: GetBlocksOptions): Promise<StagePiece[]> {
		const places = Map.groupBy(pieces, ({ hash }) => hash);
		const distinct = [...places.values()].map(([first]) => first!);
		const arrived: StagePiece[] = [];
		for await (const { hash, bytes } of this.#fetch(distinct, options)) {
			for (const { start, size } of places.get(hash)!) arrived.push({ hash, size, start, bytes });
		}
		return arrived;
	}

	async *#fetch(refs: readonly { hash: BlockHash; size: number }[], options: GetBlocksOptions) {
		const { server, namespace, onBytes } = this.#options;
		for await (const block of server.getBlocks({ namespace, hashes: refs.map(({ hash }) => hash) }, options)) {
			onBytes(block.bytes.length);
			yield block;
		}
	}

	#onDisk(block: BlockRef): { path: string; start: number } | undefined {
		const { store, folder } = this.#options;
		const found = store.findBlock(block);
		const path = found && store.diskPath(found.node.id);
		return path === undefined ? undefined : { path: join(folder, path), start: found!.start };
	}
}
