/**
 * Frees the memory of these bytes now, instead of leaving it to the garbage collector. That knows memory outside its
 * heap by its size alone: at the speed of a disk it goes through the whole heap ten times a second, finds nothing, and
 * takes more processor time than everything else together (docs/performance.md).
 *
 * It MUST be the last use: nobody reads these bytes any more, nor is the system still writing or sending them. Bytes that
 * are a part of larger memory stay, for the rest may be somebody else's.
 */
export function freeMemory(bytes: Uint8Array): void {
	if (bytes.length > 0 && bytes.length === bytes.buffer.byteLength) free(bytes);
}

/**
 * The pieces of a body that comes from a socket, whose memory goes back once they have been read: the reader MUST be done
 * with a piece when it asks for the next. What a socket has read at once is cut into pieces from front to back, so that
 * the one that reaches its end is the last.
 */
export async function* readOnce(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	for await (const piece of body) {
		yield piece;
		if (piece.length > 0 && piece.byteOffset + piece.length === piece.buffer.byteLength) free(piece);
	}
}

const free = ({ buffer }: Uint8Array): void => void (buffer as ArrayBuffer).transfer(0);
