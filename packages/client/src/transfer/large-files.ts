import type { NodeId } from '@mydropbox/protocol';
import { contentOf } from '@mydropbox/protocol/content';
import type { CutResult } from '../fs/jobs/cut.ts';
import type { Disk } from '../fs/jobs/index.ts';
import type { ReadResult } from '../fs/jobs/read.ts';
import { PART_BYTES, PartMemory } from './part-memory.ts';
import type { UploadAhead } from './upload-ahead.ts';

type Part = Extract<CutResult, { readonly isLast: boolean }>;

/** What has been read of a file so far. */
interface Begun {
	/** As long as this stays so, the parts are of one version. */
	readonly entry: Part['entry'];
	readonly blocks: { readonly hash: Part['blocks'][number]['hash']; readonly size: number }[];
	bytes: number;
	/** Of the first part. */
	readonly readAt: number;
}

/**
 * Reads large files part by part, and sends each part from memory while the next one is read. Between two parts it can be
 * broken off; the next call goes on there, if the file is still the same.
 */
export class LargeFiles {
	readonly #disk: Disk;
	readonly #memory: PartMemory;
	/** Files that are being read. */
	#open = 0;
	readonly #begun = new Map<NodeId, Begun>();
	/** They changed while they were read: nothing is sent of them until one reading has come to its end. */
	readonly #restless = new Set<NodeId>();

	constructor(disk: Disk, partBytes = PART_BYTES) {
		this.#disk = disk;
		this.#memory = new PartMemory(partBytes);
	}

	/** Forgets all other files. */
	keepOnly(wanted: ReadonlySet<NodeId>): void {
		for (const id of this.#begun.keys()) if (!wanted.has(id)) this.#begun.delete(id);
		for (const id of this.#restless) if (!wanted.has(id)) this.#restless.delete(id);
	}

	/**
	 * @param path absolute.
	 * @param ahead takes the parts; undefined: they are not sent.
	 * @param mayGoOn asked after each part.
	 * @returns undefined when it was broken off. In any case, nothing is on its way any more.
	 */
	async read(
		id: NodeId,
		path: string,
		ahead: UploadAhead | undefined,
		mayGoOn: () => boolean,
	): Promise<ReadResult | undefined> {
		const onTheWay: Promise<void>[] = [];
		this.#open++;
		try {
			for (;;) {
				const part = await this.#readPart(id, path);
				if (!('blocks' in part)) {
					this.#begun.delete(id);
					this.#restless.add(id);
					return part;
				}
				const sent = this.#restless.has(id) ? undefined : ahead?.send(part.blocks);
				onTheWay.push(Promise.resolve(sent).then(() => this.#memory.putBack(part.blocks[0]!.bytes.buffer)));
				if (part.isLast) return this.#end(id);
				if (!mayGoOn()) return undefined;
			}
		} finally {
			await Promise.all(onTheWay);
			if (--this.#open === 0) this.#memory.drop();
		}
	}

	async #readPart(id: NodeId, path: string): Promise<CutResult> {
		const begun = this.#begun.get(id);
		const memory = await this.#memory.take();
		const part = await this.#disk.run('cutFile', path, begun?.bytes ?? 0, memory).catch((error) => {
			this.#memory.putBack();
			throw error;
		});
		const isOfVersion = 'blocks' in part && (!begun || isSame(begun.entry, part.entry));
		if (isOfVersion) this.#add(id, part);
		else this.#memory.putBack();
		return isOfVersion || 'error' in part ? part : { changed: true };
	}

	#add(id: NodeId, { entry, blocks, readAt }: Part): void {
		const begun = this.#begun.get(id) ?? { entry, blocks: [], bytes: 0, readAt };
		for (const { hash, size } of blocks) {
			begun.blocks.push({ hash, size });
			begun.bytes += size;
		}
		this.#begun.set(id, begun);
	}

	#end(id: NodeId): ReadResult {
		const { entry, blocks, readAt } = this.#begun.get(id)!;
		this.#begun.delete(id);
		this.#restless.delete(id);
		return { entry, content: contentOf(blocks), readAt };
	}
}

const isSame = (a: Part['entry'], b: Part['entry']): boolean => a.identity === b.identity && a.stamp === b.stamp;
