import { type BlockHash, type BlockRef, type Content, type ContentHash, LIMITS } from '@mydropbox/protocol';
import type { Access } from './access.ts';
import { inBatches } from './in-batches.ts';

/** Of a large file, what is asked for, and held, at once. */
const PIECE = { bytes: 8 * 1024 * 1024, count: LIMITS.hashesPerRequest };

/** The bytes of contents, from the data server that keeps them. A request is for many small ones, or for a part of a large one. */
export class ContentReader {
	readonly #files: Access;
	readonly #signal: AbortSignal;

	constructor(files: Access, signal: AbortSignal) {
		this.#files = files;
		this.#signal = signal;
	}

	/** All bytes of a few; together they have room in memory, and in one request. */
	async small(hashes: readonly ContentHash[]): Promise<Map<ContentHash, Buffer>> {
		const contents = await this.#contents([...new Set(hashes)]);
		const blocks = await this.#blocks(contents.flatMap((content) => content.blocks));
		return new Map(contents.map((content) => [content.hash, Buffer.concat(bytesOf(content.blocks, blocks))]));
	}

	/** Of one of any size, piece by piece. */
	async *large(hash: ContentHash): AsyncGenerator<Uint8Array> {
		const [content] = await this.#contents([hash]);
		for await (const part of inBatches(content!.blocks, ({ size }) => size, PIECE))
			yield* bytesOf(part, await this.#blocks(part));
	}

	async #contents(hashes: ContentHash[]): Promise<Content[]> {
		if (hashes.length === 0) return [];
		const ask = { signal: this.#signal };
		const { contents } = await this.#files.ask((api, namespace) => api.contents({ namespace, hashes }, ask));
		return contents;
	}

	#blocks(refs: readonly BlockRef[]): Promise<Map<BlockHash, Uint8Array>> {
		const hashes = [...new Set(refs.map(({ hash }) => hash))];
		return this.#files.ask(async (api, namespace) => {
			const blocks = new Map<BlockHash, Uint8Array>();
			if (hashes.length === 0) return blocks;
			for await (const { hash, bytes } of api.getBlocks({ namespace, hashes }, { signal: this.#signal }))
				blocks.set(hash, bytes);
			return blocks;
		});
	}
}

const bytesOf = (refs: readonly BlockRef[], blocks: ReadonlyMap<BlockHash, Uint8Array>): Uint8Array[] =>
	refs.map(({ hash }) => blocks.get(hash)!);
