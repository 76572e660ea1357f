import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** The socket's appetite sets the pace; this much is read ahead of it. */
const AHEAD_BYTES = 1024 * 1024;

/**
 * Streams the bytes, with headers that are only true if they can be had: what fails before the first of them is thrown
 * and still answered in words. After that the connection is cut, because what was cut must not look whole.
 */
export async function sendBytes(
	reply: Response,
	gone: AbortSignal,
	headers: Record<string, string>,
	bytes: AsyncGenerator<Uint8Array>,
): Promise<void> {
	const first = await bytes.next();
	reply.set(headers);
	if (first.done) {
		reply.end();
		return;
	}
	const source = Readable.from(startingWith(first.value, bytes), { objectMode: false, highWaterMark: AHEAD_BYTES });
	try {
		await pipeline(source, reply);
	} catch (error) {
		// Whoever went away in the middle of a download needs no answer, and nobody needs to hear of it.
		if (!gone.aborted || isOurs(error)) throw error;
	}
}

const isOurs = (error: unknown): boolean => (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE';

async function* startingWith(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield first;
	yield* rest;
}
