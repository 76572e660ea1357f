import { type ArrivingPart, type BlockHash, type BlockRef, LIMITS, type NamespaceId } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { SyncServer } from '@mydropbox/remote';
import { bytesOf, inSlices } from './flow.ts';

export interface UploadAheadOptions {
	readonly server: SyncServer;
	readonly namespace: NamespaceId;
	readonly signal: AbortSignal;
	/** Blocks that the server has; it is not asked for them. */
	readonly known: ReadonlySet<BlockHash>;
	/** The server has so many more of the bytes. */
	readonly onBytes: (count: number) => void;
	/** The file that the blocks are of; other devices are told of them. undefined: not worth it. */
	readonly file?: Pick<ArrivingPart, 'node' | 'parent' | 'name' | 'size'>;
}

/** Where in its file a part begins. */
export type PartOfFile = Pick<ArrivingPart, 'arrival' | 'start'>;

/**
 * Brings blocks to the server that a commit will probably name. It saves time and promises nothing: whoever commits asks
 * again what is missing, and meets whatever went wrong here. Blocks that no commit names are collected by the server.
 */
export class UploadAhead {
	readonly #options: UploadAheadOptions;
	/** Something went wrong, and would again. */
	#hasFailed = false;
	#tells = true;
	/** What was begun last is on its way. */
	#sent: Promise<void> = Promise.resolve();

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

	/** They are among those that the server has. Others have them, too, and are not told: that would be most of what travels. */
	skip(blocks: readonly BlockRef[]): void {
		if (!this.#hasFailed) this.#options.onBytes(bytesOf(blocks));
	}

	/** Tells other devices of blocks that were sent. Never rejects. */
	async tell(blocks: readonly BlockRef[], part: PartOfFile): Promise<void> {
		const { server, namespace, signal, file } = this.#options;
		if (!file || !this.#tells || this.#hasFailed || signal.aborted) return;
		try {
			let { start } = part;
			for (const slice of inSlices(blocks, LIMITS.blocksPerArrivingPart)) {
				const refs = slice.map(({ hash, size }) => ({ hash, size }));
				await server.announce({ namespace, ...part, ...file, start, blocks: refs }, { signal });
				start += bytesOf(slice);
			}
		} catch {
			this.#tells = false;
		}
	}

	async #sendMissing(blocks: readonly FramedBlock[]): Promise<void> {
		const { server, namespace, signal, known } = this.#options;
		const news = new Map(blocks.filter(({ hash }) => !known.has(hash)).map((block) => [block.hash, block]));
		if (news.size === 0) return;
		const { missing } = await server.missingBlocks({ namespace, hashes: [...news.keys()] }, { signal });
		const wanted = missing.map((hash) => news.get(hash)!);
		if (wanted.length > 0) await this.#put(wanted);
	}

	/**
	 * One after the other, but without waiting for the answers: side by side they would share the line, all be there late,
	 * and others be told of them late.
	 */
	async #put(blocks: readonly FramedBlock[]): Promise<void> {
		const { server, namespace, signal } = this.#options;
		const { promise, resolve: onSent } = Promise.withResolvers<void>();
		const before = this.#sent;
		this.#sent = promise;
		try {
			await before;
			if (this.#hasFailed) throw new Error('A part before this one could not be sent.');
			await server.putBlocks(namespace, blocks, { signal, onSent });
		} finally {
			onSent();
		}
	}
}
