import fc from 'fast-check';
import {
	BlockSplitter,
	blockHash,
	CHUNKER,
	Chunker,
	type ChunkerParameters,
	contentIsConsistent,
} from '../src/content/index.ts';
import { piecesOf, randomBytes } from './support/bytes.ts';

/** The same rules on a small scale, so that properties see hundreds of cuts. */
const SMALL: ChunkerParameters = { id: 'fastcdc-1', min: 64, avg: 256, max: 1024 };

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const lengths = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 });

/** Where the blocks end, counted from the beginning of the stream. */
function cutsOf(pieces: Iterable<Uint8Array>, parameters = SMALL): number[] {
	const chunker = new Chunker(parameters);
	const cuts: number[] = [];
	let offset = 0;
	for (const piece of pieces) {
		for (let from = 0; from < piece.length; ) {
			const cut = chunker.next(piece, from, piece.length);
			if (cut === -1) break;
			cuts.push(offset + cut);
			from = cut;
		}
		offset += piece.length;
	}
	return cuts;
}

function blocksOf(bytes: Uint8Array): Set<string> {
	const ends = [...cutsOf([bytes]), bytes.length];
	return new Set(ends.map((end, i) => blockHash(bytes.subarray(ends[i - 1] ?? 0, end))));
}

test('cuts do not depend on the pieces in which the bytes come', () => {
	fc.assert(
		fc.property(seed, lengths, (seed, lengths) => {
			const bytes = randomBytes(20_000, seed);
			expect(cutsOf(piecesOf(bytes, lengths))).toEqual(cutsOf([bytes]));
		}),
	);
});

test('no block is shorter than the minimum or longer than the maximum', () => {
	fc.assert(
		fc.property(
			fc.oneof(
				seed.map((s) => randomBytes(20_000, s)),
				fc.uint8Array({ maxLength: 5000 }),
			),
			(bytes) => {
				const cuts = cutsOf([bytes]);
				const sizes = cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0));
				expect(Math.min(...sizes, SMALL.min)).toBe(SMALL.min);
				expect(Math.max(...sizes, SMALL.max)).toBe(SMALL.max);
				expect(bytes.length - (cuts.at(-1) ?? 0)).toBeLessThan(SMALL.max);
			},
		),
	);
});

test('an edit changes the blocks around it and no others', () => {
	const edit = fc.record({
		at: fc.integer({ min: 0, max: 99_999 }),
		removed: fc.integer({ min: 0, max: 50 }),
		added: fc.uint8Array({ maxLength: 50 }),
	});
	fc.assert(
		fc.property(seed, edit, (seed, { at, removed, added }) => {
			const before = randomBytes(100_000, seed);
			const after = Buffer.concat([before.subarray(0, at), added, before.subarray(at + removed)]);
			const known = blocksOf(before);
			const fresh = [...blocksOf(after)].filter((hash) => !known.has(hash));
			expect(known.size).toBeGreaterThan(150);
			expect(fresh.length).toBeLessThan(20);
		}),
	);
});

/** Another result here is another chunker: old files would be uploaded again. Give it a new id instead. */
test('fastcdc-1 cuts where it always cut', () => {
	const bytes = randomBytes(4_000_000, 12345);
	expect(cutsOf([bytes], CHUNKER)).toEqual([
		316_004, 719_533, 1_022_194, 1_448_858, 1_850_626, 2_068_694, 2_442_514, 2_747_321, 3_108_451, 3_272_234, 3_558_746,
		3_630_117, 3_708_509,
	]);
	expect(cutsOf([Buffer.alloc(2_500_000)], CHUNKER)).toEqual([1_048_576, 2_097_152]);
});

describe('BlockSplitter', () => {
	test('puts the stream back together, and its content is consistent', () => {
		const bytes = randomBytes(6_000_000, 7);
		const whole = split(bytes, []);
		const pieces = split(
			bytes,
			Array.from({ length: 200 }, (_, i) => (i * 7919) % 65_536),
		);
		expect(whole.content).toEqual(pieces.content);
		expect(contentIsConsistent(whole.content)).toBe(true);
		expect(whole.content.size).toBe(bytes.length);
		expect(Buffer.concat(pieces.bytes).equals(bytes)).toBe(true);
		expect(contentIsConsistent({ ...whole.content, size: 1 })).toBe(false);
	});

	test('the empty file has no blocks', () => {
		const { content } = split(Buffer.alloc(0), []);
		expect(content).toMatchObject({ size: 0, blocks: [] });
	});

	function split(bytes: Uint8Array, lengths: number[]) {
		const splitter = new BlockSplitter();
		const copies: Buffer[] = [];
		for (const piece of piecesOf(bytes, lengths))
			for (const block of splitter.push(piece)) copies.push(Buffer.from(block.bytes));
		for (const block of splitter.end()) copies.push(Buffer.from(block.bytes));
		return { content: splitter.content(), bytes: copies };
	}
});
