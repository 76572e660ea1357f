import type { BlockHash, BlockRef, Content } from '@mydropbox/protocol';
import { CHUNKER } from '@mydropbox/protocol/content';

/** What a file was made of, to be looked for in it. */
export class VersionBefore {
	/** Without the last one: it ends where the file ended, and not where the chunker would cut. */
	readonly #blocks: readonly BlockRef[];
	/** Of blocks that are there several times, the first. */
	readonly #places: ReadonlyMap<BlockHash, number>;

	/** @param content undefined: there was none. What another chunker has cut is not of use. */
	constructor(content: Content | undefined) {
		this.#blocks = content?.chunker === CHUNKER.id ? content.blocks.slice(0, -1) : [];
		this.#places = new Map(this.#blocks.map(({ hash }, place) => [hash, place] as const).reverse());
	}

	/**
	 * What followed on a block.
	 * @param last undefined: what it began with.
	 * @param count of parts, at most; none where that block was not.
	 * @param bytes of each, at most.
	 */
	after(last: BlockRef | undefined, count: number, bytes: number): BlockRef[][] {
		const parts: BlockRef[][] = [];
		let place = last ? (this.#places.get(last.hash) ?? this.#blocks.length) + 1 : 0;
		while (parts.length < count) {
			const part: BlockRef[] = [];
			for (let room = bytes; place < this.#blocks.length; place++) {
				const block = this.#blocks[place]!;
				room -= block.size;
				if (room < 0) break;
				part.push(block);
			}
			if (part.length === 0) break;
			parts.push(part);
		}
		return parts;
	}
}
