import { blockHash, decodeFrames, encodeFrames, freeMemory, readOnce } from '../src/content/index.ts';

const ownMemory = (text: string): Buffer<ArrayBuffer> => {
	const bytes = Buffer.allocUnsafeSlow(text.length);
	bytes.write(text);
	return bytes;
};

test('memory is given back once, and only by bytes that are all of it', () => {
	const whole = ownMemory('whole');
	const part = ownMemory('a part');
	freeMemory(part.subarray(2));
	expect(part.toString()).toBe('a part');
	freeMemory(whole);
	freeMemory(whole);
	expect(whole).toHaveLength(0);
});

test('of what was read at once, the memory stays until its last piece has been used', async () => {
	const read = ownMemory('first second');
	const seen: string[] = [];
	for await (const piece of readOnce(inPieces(read.subarray(0, 6), read.subarray(6)))) {
		seen.push(piece.toString());
		expect(read.toString()).toBe('first second');
	}
	expect(seen).toEqual(['first ', 'second']);
	expect(read).toHaveLength(0);
});

test('blocks outlive the pieces that they came in', async () => {
	const texts = ['one', 'and another'];
	const blocks = texts.map((text) => Buffer.from(text)).map((bytes) => ({ hash: blockHash(bytes), bytes }));
	const pieces: Uint8Array[] = [];
	for await (const piece of encodeFrames(blocks)) pieces.push(Uint8Array.from(piece));
	const arrived: Uint8Array[] = [];
	for await (const { bytes } of decodeFrames(readOnce(inPieces(...pieces)))) arrived.push(bytes);
	expect(arrived.map(String)).toEqual(texts);
	expect(pieces.map(({ length }) => length)).toEqual(pieces.map(() => 0));
});

async function* inPieces(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* pieces;
}
