import type { BlockRef, NamespaceId } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { SyncServer } from '@mydropbox/remote';

export interface UploadAheadOptions {
	readonly server: SyncServer;
	readonly namespace: NamespaceId;
	readonly signal: AbortSignal;
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
		const { server, namespace, signal, onBytes } = this.#options;
		if (this.#hasFailed || signal.aborted) return;
		try {
			const distinct = new Map(blocks.map((block) => [block.hash, block]));
			const { missing } = await server.missingBlocks({ namespace, hashes: [...distinct.keys()] }, { signal });
			const wanted = missing.map((hash) => distinct.get(hash)!);
			if (wanted.length > 0) await server.putBlocks(namespace, wanted, { signal });
			onBytes(blocks.reduce((sum, { size }) => sum + size, 0));
		} catch {
			this.#hasFailed = true;
		}
	}
}
