import type { ChunkerId } from '../data/blocks.ts';

/**
 * Where a file is cut into blocks, so that an edit changes the blocks around it and no others.
 *
 * Source: Xia et al., "FastCDC: a Fast and Efficient Content-Defined Chunking Approach for Data Deduplication",
 * USENIX ATC 2016: a gear rolling hash, cut-point skipping below the minimum, and normalised chunking (a stricter
 * condition before the average size, a looser one after). The hash is 32 bits wide, so its window is 32 bytes.
 */
export interface ChunkerParameters {
	readonly id: ChunkerId;
	/** Bytes. */
	readonly min: number;
	readonly avg: number;
	readonly max: number;
}

/** Sizes chosen by measurement: docs/decisions/0002-chunk-sizes.md. Another choice is another id. */
export const CHUNKER: ChunkerParameters = { id: 'fastcdc-1', min: 128 * 1024, avg: 512 * 1024, max: 2 * 1024 * 1024 };

/** Bits by which the condition is stricter before the average and looser after it. */
const NORMALISATION = 2;

const GEAR = gearTable();

/** 256 fixed numbers without structure: the first outputs of xorshift32 from a fixed seed. Part of `fastcdc-1`. */
function gearTable(): Uint32Array {
	const table = new Uint32Array(256);
	let x = 0x9e3779b9;
	for (let i = 0; i < 256; i++) {
		for (let round = 0; round < 4; round++) {
			x ^= x << 13;
			x ^= x >>> 17;
			x ^= x << 5;
		}
		table[i] = x >>> 0;
	}
	return table;
}

/** Finds the cuts of one stream of bytes, handed over in pieces of any length. */
export class Chunker {
	readonly #parameters: ChunkerParameters;
	readonly #strict: number;
	readonly #loose: number;
	/** Bytes of the current block seen so far. */
	#length = 0;
	#hash = 0;

	constructor(parameters: ChunkerParameters = CHUNKER) {
		this.#parameters = parameters;
		const bits = Math.round(Math.log2(parameters.avg));
		this.#strict = topBits(bits + NORMALISATION);
		this.#loose = topBits(bits - NORMALISATION);
	}

	/**
	 * Goes on with `bytes[from, to)`.
	 * @returns the index after the current block's last byte, or -1 when the block goes on past `to`.
	 */
	next(bytes: Uint8Array, from: number, to: number): number {
		const { min, avg, max } = this.#parameters;
		const origin = from - this.#length;
		const end = Math.min(to, origin + max);
		let hash = this.#hash;
		let i = Math.max(from, Math.min(origin + min, to));
		for (const middle = Math.min(end, origin + avg); i < middle; i++) {
			hash = ((hash << 1) + GEAR[bytes[i]!]!) | 0;
			if ((hash & this.#strict) === 0) return this.#cut(i + 1);
		}
		for (; i < end; i++) {
			hash = ((hash << 1) + GEAR[bytes[i]!]!) | 0;
			if ((hash & this.#loose) === 0) return this.#cut(i + 1);
		}
		if (end === origin + max) return this.#cut(end);
		this.#length = to - origin;
		this.#hash = hash;
		return -1;
	}

	#cut(index: number): number {
		this.#length = 0;
		this.#hash = 0;
		return index;
	}
}

/** The high bits of the hash have seen the whole window; the low ones only the last bytes. */
const topBits = (count: number): number => ~0 << (32 - count);
