import {
	ApiError,
	type BlockHash,
	type Content,
	type ContentHash,
	LIMITS,
	type NamespaceId,
} from '@mydropbox/protocol';
import { contentIsConsistent } from '@mydropbox/protocol/content';
import type { SyncServer } from '@mydropbox/remote';
import type { Disk } from '../fs/jobs/index.ts';
import type { Store } from '../state/store.ts';
import type { Arrivals } from './arrivals.ts';
import type { BlockSource } from './block-source.ts';
import type { Filler } from './filler.ts';
import { inSlices } from './flow.ts';
import type { Portions } from './portions.ts';
import { StagedFile, StagingFailed } from './staged-file.ts';

export interface DownloaderOptions {
	readonly server: SyncServer;
	readonly disk: Disk;
	readonly store: Store;
	readonly namespace: NamespaceId;
	readonly source: BlockSource;
	readonly filler: Filler;
	readonly arrivals: Arrivals;
	readonly tempDir: string;
	readonly portions: Portions;
	readonly onBytes: (count: number) => void;
}

/** Where the whole content can be taken from. */
export type Source = { readonly pieces: readonly Uint8Array[] } | { readonly staged: string };

/** To put a file together, when the temporary one is taken away again and again. */
const ATTEMPTS = 3;
/** Incomplete large files of which it is known what is in them. */
const MOST_STAGED = 16;

/** Gets contents: from files on this disk that hold the same blocks, the rest from the server. */
export class Downloader {
	readonly #options: DownloaderOptions;
	readonly #filler: Filler;
	/** Large files that are not complete. */
	readonly #staged = new Map<ContentHash, StagedFile>();

	constructor(options: DownloaderOptions) {
		this.#options = options;
		this.#filler = options.filler;
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
		const { disk, source, onBytes } = this.#options;
		const blocks = new Map<BlockHash, Uint8Array>();
		const refs = new Map(contents.flatMap(({ blocks: list }) => list).map((ref) => [ref.hash, ref]));
		const local = [...refs.values()].flatMap((ref) => {
			const from = source.onDisk(ref);
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
			for await (const { hash, bytes } of source.fetch(slice, { signal, onBytes })) blocks.set(hash, bytes);
		}
		return blocks;
	}

	/** @returns the temporary file, complete but not yet durable; undefined when there was an interruption. */
	async #stageWhole(content: Content, signal: AbortSignal): Promise<string | undefined> {
		const { onBytes } = this.#options;
		const file = await this.#stagedFile(content);
		for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
			await file.open();
			await this.#filler.copy(file, file.left);
			if (attempt === 1) onBytes(content.size - file.bytesLeft);
			// What arrives is verified by the thread that writes it; where a block was wrong, the server is asked to find out why.
			for (const isAgain of [false, true]) {
				if (!(await this.#filler.fetch(file, file.left, { signal, unverified: !isAgain, onBytes }))) return undefined;
			}
			// Should somebody have put another file there meanwhile, not all of it is in that one.
			if (!(await file.isIntact())) continue;
			this.#staged.delete(content.hash);
			return file.path;
		}
		throw new StagingFailed('EBUSY');
	}

	/** Where it was left, by us or while it was arriving. Of old ones, some may be forgotten: what is in them is verified then. */
	async #stagedFile(content: Content): Promise<StagedFile> {
		const { disk, tempDir, arrivals } = this.#options;
		const begun = this.#staged.get(content.hash) ?? (await arrivals.take(content));
		const file = begun ?? StagedFile.of(content, disk, tempDir);
		const [oldest] = this.#staged.keys();
		if (oldest && this.#staged.size >= MOST_STAGED) this.#staged.delete(oldest);
		this.#staged.set(content.hash, file);
		return file;
	}
}
