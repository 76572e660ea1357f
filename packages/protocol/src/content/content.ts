import { hash } from 'node:crypto';
import type { BlockRef, ChunkerId, Content } from '../data/blocks.ts';
import type { BlockHash, ContentHash } from '../hashes.ts';
import { CHUNKER, Chunker } from './chunker.ts';

export const blockHash = (bytes: Uint8Array): BlockHash => hash('sha256', bytes, 'hex') as BlockHash;

/** SHA-256 over the chunker's id, a NUL, and for each block its 32 hash bytes and its size as 4 bytes, big-endian. */
function contentHash(chunker: ChunkerId, blocks: readonly BlockRef[]): ContentHash {
	const start = Buffer.from(`${chunker}\0`);
	const list = Buffer.alloc(start.length + blocks.length * 36);
	list.set(start);
	blocks.forEach((block, index) => {
		const at = start.length + index * 36;
		list.write(block.hash, at, 'hex');
		list.writeUInt32BE(block.size, at + 32);
	});
	return hash('sha256', list, 'hex') as ContentHash;
}

export function contentOf(blocks: BlockRef[], chunker: ChunkerId = CHUNKER.id): Content {
	const size = blocks.reduce((sum, block) => sum + block.size, 0);
	return { hash: contentHash(chunker, blocks), size, chunker, blocks };
}

/** Whether hash and size are those of the block list. */
export function contentIsConsistent(content: Content): boolean {
	const expected = contentOf(content.blocks, content.chunker);
	return expected.hash === content.hash && expected.size === content.size;
}

export interface Block extends BlockRef {
	/** Valid until the next call of `push` or `end`. */
	readonly bytes: Uint8Array;
}

/**
 * Cuts a stream of bytes into hashed blocks. Holds at most one block and the piece that was pushed last.
 * @example for (const piece of stream) for (const block of splitter.push(piece)) …; for (const block of splitter.end()) …
 */
export class BlockSplitter {
	readonly #chunker = new Chunker();
	readonly #refs: BlockRef[] = [];
	/** Start of the current block, from earlier pieces. */
	#held: Uint8Array[] = [];

	*push(piece: Uint8Array): Generator<Block> {
		let from = 0;
		while (from < piece.length) {
			const cut = this.#chunker.next(piece, from, piece.length);
			if (cut === -1) {
				this.#held.push(piece.slice(from));
				return;
			}
			yield this.#take(piece.subarray(from, cut));
			from = cut;
		}
	}

	/** The last block, if there is one. */
	*end(): Generator<Block> {
		if (this.#held.length > 0) yield this.#take(new Uint8Array(0));
	}

	/** The content of all that was pushed; call it after `end` was exhausted. */
	content(): Content {
		return contentOf(this.#refs);
	}

	#take(tail: Uint8Array): Block {
		const parts = tail.length > 0 ? [...this.#held, tail] : this.#held;
		const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
		this.#held = [];
		const ref = { hash: blockHash(bytes), size: bytes.length };
		this.#refs.push(ref);
		return { ...ref, bytes };
	}
}
