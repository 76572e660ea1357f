import type { BlockHash, BlockRef, NamespaceId } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { SyncServer } from '@mydropbox/remote';
import { bytesOf } from './flow.ts';

export interface UploadAheadOptions {
	readonly server: SyncServer;
	readonly namespace: NamespaceId;
	readonly signal: AbortSignal;
	/** Blocks that the server has; it is not asked for them. */
	readonly known: ReadonlySet<BlockHash>;
	/** The server has so many more of the bytes. */
	readonly onBytes: (count: number) => void;
}

/**
 * Brings blocks to the server that a commit will probably name. It saves time and promises nothing: whoever commits asks
 * again what is missing, and meets whatever went wrong here. Blocks that no commit names are collected by the server.
 */
export class UploadAhead {
	readonly #options: UploadAheadOptions;
	/** Something went wrong, and would again. */
	#hasFailed = false;

	constructor(options: UploadAheadOptions) {
		this.#options = options;
	}

	/** Never rejects. The bytes MUST stay unchanged until it resolves. */
	async send(blocks: readonly (BlockRef & FramedBlock)[]): Promise<void> {
		if (this.#hasFailed || this.#options.signal.aborted) return;
		try {
			await this.#sendMissing(blocks);
			this.#options.onBytes(bytesOf(blocks));
		} catch {
			this.#hasFailed = true;
		}
	}

	/** They are among those that the server has. */
	skip(blocks: readonly BlockRef[]): void {
		if (!this.#hasFailed) this.#options.onBytes(bytesOf(blocks));
	}

	async #sendMissing(blocks: readonly FramedBlock[]): Promise<void> {
		const { server, namespace, signal, known } = this.#options;
		const news = new Map(blocks.filter(({ hash }) => !known.has(hash)).map((block) => [block.hash, block]));
		if (news.size === 0) return;
		const { missing } = await server.missingBlocks({ namespace, hashes: [...news.keys()] }, { signal });
		const wanted = missing.map((hash) => news.get(hash)!);
		if (wanted.length > 0) await server.putBlocks(namespace, wanted, { signal });
	}
}
