import fc from 'fast-check';
import {
	blockHash,
	decodeFrames,
	encodeFrames,
	endFrame,
	FRAME_HEADER_BYTES,
	type FramedBlock,
	frameHeader,
} from '../src/content/index.ts';
import { ApiError } from '../src/index.ts';
import { piecesOf } from './support/bytes.ts';

const block = fc
	.uint8Array({ minLength: 1, maxLength: 300 })
	.map((bytes): FramedBlock => ({ hash: blockHash(bytes), bytes: Buffer.from(bytes) }));
const blocks = fc.array(block, { maxLength: 8 });
const lengths = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 40 });

async function bodyOf(blocks: readonly FramedBlock[]): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	for await (const piece of encodeFrames(blocks)) pieces.push(piece);
	return Buffer.concat(pieces);
}

async function read(body: Uint8Array, lengths: readonly number[] = []): Promise<FramedBlock[]> {
	async function* stream() {
		yield* piecesOf(body, lengths);
	}
	const all: FramedBlock[] = [];
	for await (const block of decodeFrames(stream())) all.push(block);
	return all;
}

const refusal = (body: Uint8Array): Promise<unknown> =>
	read(body).then(
		() => 'accepted',
		(error: unknown) => (error instanceof ApiError ? error.code : error),
	);

test('what was framed comes back, however the body is cut on its way', async () => {
	await fc.assert(
		fc.asyncProperty(blocks, lengths, async (blocks, lengths) => {
			expect(await read(await bodyOf(blocks), lengths)).toEqual(blocks);
		}),
	);
});

test('a body that ends early is refused, wherever it ends', async () => {
	await fc.assert(
		fc.asyncProperty(blocks, fc.nat(), async (blocks, end) => {
			const body = await bodyOf(blocks);
			expect(await refusal(body.subarray(0, end % body.length))).toBe('truncated-body');
		}),
	);
});

test('a body with any bit flipped is refused', async () => {
	await fc.assert(
		fc.asyncProperty(blocks, fc.nat(), fc.integer({ min: 0, max: 7 }), async (blocks, at, bit) => {
			const body = await bodyOf(blocks);
			body[at % body.length]! ^= 1 << bit;
			expect(['bad-block', 'truncated-body']).toContain(await refusal(body));
		}),
	);
});

test('bytes after the end are refused', async () => {
	const body = await bodyOf([]);
	expect(body.equals(endFrame())).toBe(true);
	expect(await refusal(Buffer.concat([body, Buffer.alloc(1)]))).toBe('bad-block');
});

test('a length beyond the limit is refused before anything is held', async () => {
	const header = frameHeader(blockHash(Buffer.from('x')), 2 ** 32 - 1);
	expect(header).toHaveLength(FRAME_HEADER_BYTES);
	expect(await refusal(header)).toBe('bad-block');
});
