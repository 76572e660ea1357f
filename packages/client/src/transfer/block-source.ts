import { join } from 'node:path';
import type { BlockRef, NamespaceId } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { GetBlocksOptions, SyncServer } from '@mydropbox/remote';
import type { Store } from '../state/store.ts';

export interface FetchOptions extends GetBlocksOptions {
	/** So many more have come. */
	readonly onBytes?: (count: number) => void;
}

/** Where blocks are to be had: at the server, and some of them in files of this disk. */
export class BlockSource {
	readonly #server: SyncServer;
	readonly #store: Store;
	readonly #namespace: NamespaceId;
	readonly #folder: string;

	/** @param folder absolute path of the synced folder. */
	constructor(server: SyncServer, store: Store, namespace: NamespaceId, folder: string) {
		this.#server = server;
		this.#store = store;
		this.#namespace = namespace;
		this.#folder = folder;
	}

	/** A file that should hold the block, and from which byte on. */
	onDisk(block: BlockRef): { path: string; start: number } | undefined {
		const found = this.#store.findBlock(block);
		const path = found && this.#store.diskPath(found.node.id);
		return path === undefined ? undefined : { path: join(this.#folder, path), start: found!.start };
	}

	/** @param refs distinct. */
	async *fetch(refs: readonly BlockRef[], { onBytes, ...options }: FetchOptions): AsyncGenerator<FramedBlock> {
		const hashes = refs.map(({ hash }) => hash);
		for await (const block of this.#server.getBlocks({ namespace: this.#namespace, hashes }, options)) {
			onBytes?.(block.bytes.length);
			yield block;
		}
	}
}
