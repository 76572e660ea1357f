/** Bytes without structure, the same for the same seed. */
export function randomBytes(length: number, seed: number): Buffer {
	const words = new Uint32Array(Math.ceil(length / 4));
	let x = seed | 0 || 1;
	for (let i = 0; i < words.length; i++) {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		words[i] = x;
	}
	return Buffer.from(words.buffer, 0, length);
}

/** Cuts bytes where the numbers say, each taken modulo what is left. */
export function* piecesOf(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
	let at = 0;
	for (const length of lengths) {
		const piece = bytes.subarray(at, at + length);
		at += piece.length;
		yield piece;
	}
	yield bytes.subarray(at);
}
