import type { ArrivalId, BlockRef, Content, NodeId } from '@mydropbox/protocol';
import { contentOf } from '@mydropbox/protocol/content';
import type { Disk } from '../fs/jobs/index.ts';
import type { Moment, Unread } from '../fs/jobs/moment.ts';
import type { ReadResult } from '../fs/jobs/read.ts';
import { bytesOf } from './flow.ts';
import { PART_BYTES, PartMemory } from './part-memory.ts';
import type { PartOfFile, UploadAhead } from './upload-ahead.ts';
import { VersionBefore } from './version-before.ts';

/** Parts that are compared with the version before at once: as many as there are threads. */
const MATCHES_AT_ONCE = 2;

/** What has been read of a file so far. */
interface Begun extends Moment {
	/** What this reading is called. */
	readonly arrival: ArrivalId;
	readonly blocks: BlockRef[];
	bytes: number;
}

interface Reading {
	readonly id: NodeId;
	/** Absolute. */
	readonly path: string;
	readonly before: VersionBefore;
	/** Takes the parts; undefined: they are not sent. */
	readonly ahead: UploadAhead | undefined;
	readonly onTheWay: Promise<void>[];
}

type Part = { readonly isLast: boolean } | Unread;

/**
 * Reads large files part by part. What is as it was in the version before is only hashed, by all threads; the rest is cut,
 * and sent from memory while the next part is read. Between two parts it can be broken off; the next call goes on there,
 * if the file is still the same.
 */
export class LargeFiles {
	readonly #disk: Disk;
	readonly #newId: () => ArrivalId;
	readonly #partBytes: number;
	readonly #memory: PartMemory;
	/** Files that are being read. */
	#open = 0;
	readonly #begun = new Map<NodeId, Begun>();
	/** They changed while they were read: nothing is sent of them until one reading has come to its end. */
	readonly #restless = new Set<NodeId>();

	constructor(disk: Disk, newId: () => ArrivalId, partBytes = PART_BYTES) {
		this.#disk = disk;
		this.#newId = newId;
		this.#partBytes = partBytes;
		this.#memory = new PartMemory(partBytes);
	}

	/** Forgets all other files. */
	keepOnly(wanted: ReadonlySet<NodeId>): void {
		for (const id of this.#begun.keys()) if (!wanted.has(id)) this.#begun.delete(id);
		for (const id of this.#restless) if (!wanted.has(id)) this.#restless.delete(id);
	}

	/**
	 * @param path absolute.
	 * @param before the version that the server has, if it has one.
	 * @param ahead takes the parts; undefined: they are not sent.
	 * @param mayGoOn asked after each part.
	 * @returns undefined when it was broken off. In any case, nothing is on its way any more.
	 */
	async read(
		id: NodeId,
		path: string,
		before: Content | undefined,
		ahead: UploadAhead | undefined,
		mayGoOn: () => boolean,
	): Promise<ReadResult | undefined> {
		const reading: Reading = {
			id,
			path,
			before: new VersionBefore(before),
			ahead: this.#restless.has(id) ? undefined : ahead,
			onTheWay: [],
		};
		this.#open++;
		try {
			for (;;) {
				const part = (await this.#match(reading)) ?? (await this.#cut(reading));
				if (!('isLast' in part)) {
					this.#begun.delete(id);
					this.#restless.add(id);
					return part;
				}
				if (part.isLast) return this.#end(id);
				if (!mayGoOn()) return undefined;
			}
		} finally {
			await Promise.all(reading.onTheWay);
			if (--this.#open === 0) this.#memory.drop();
		}
	}

	/** @returns undefined where the file is not what it was, or that is not known: there it has to be cut. */
	async #match({ id, path, before, ahead }: Reading): Promise<Part | undefined> {
		const begun = this.#begun.get(id);
		const parts = before.after(begun?.blocks.at(-1), MATCHES_AT_ONCE, this.#partBytes);
		let end = begun?.bytes ?? 0;
		const results = await Promise.all(
			parts.map((blocks) => {
				const start = end;
				end += bytesOf(blocks);
				return this.#disk.run('matchBlocks', path, start, blocks);
			}),
		);
		for (const [index, result] of results.entries()) {
			if (!('count' in result)) return result;
			const part = parts[index]!;
			const found = part.slice(0, result.count);
			if (!this.#add(id, result, found)) return { changed: true };
			ahead?.skip(found);
			if (result.isLast) return result;
			if (found.length < part.length) return undefined;
		}
		return results.at(-1);
	}

	async #cut({ id, path, ahead, onTheWay }: Reading): Promise<Part> {
		const memory = await this.#memory.take();
		const part = await this.#disk.run('cutFile', path, this.#begun.get(id)?.bytes ?? 0, memory).catch((error) => {
			this.#memory.putBack();
			throw error;
		});
		const added = 'blocks' in part ? this.#add(id, part, part.blocks) : undefined;
		if (!('blocks' in part) || !added) {
			this.#memory.putBack();
			return 'error' in part ? part : { changed: true };
		}
		const send = async () => {
			await ahead?.send(part.blocks);
			this.#memory.putBack(part.blocks[0]!.bytes.buffer);
			await ahead?.tell(part.blocks, added);
		};
		onTheWay.push(send());
		return part;
	}

	/** @returns where they are in the file; undefined when they are of another version than those before. */
	#add(id: NodeId, { entry, readAt }: Moment, blocks: readonly BlockRef[]): PartOfFile | undefined {
		const begun = this.#begun.get(id) ?? { arrival: this.#newId(), entry, readAt, blocks: [], bytes: 0 };
		if (begun.entry.identity !== entry.identity || begun.entry.stamp !== entry.stamp) return undefined;
		const start = begun.bytes;
		begun.blocks.push(...blocks.map(({ hash, size }) => ({ hash, size })));
		begun.bytes += bytesOf(blocks);
		this.#begun.set(id, begun);
		return { arrival: begun.arrival, start };
	}

	#end(id: NodeId): ReadResult {
		const { entry, blocks, readAt } = this.#begun.get(id)!;
		this.#begun.delete(id);
		this.#restless.delete(id);
		return { entry, content: contentOf(blocks), readAt };
	}
}
