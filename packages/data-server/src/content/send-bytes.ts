import type { Response } from 'express';

/**
 * Streams the bytes, with headers that are only true if they can be had: what fails before the first of them is thrown
 * and still answered in words. After that the connection is cut, because what was cut must not look whole.
 * @param groups asked for one by one, each when the system has taken the one before it.
 */
export async function sendBytes(
	reply: Response,
	gone: AbortSignal,
	headers: Record<string, string>,
	groups: AsyncGenerator<readonly Uint8Array[]>,
): Promise<void> {
	const first = await groups.next();
	reply.set(headers);
	for await (const pieces of first.done ? [] : startingWith(first.value, groups)) {
		// Whoever went away in the middle of a download needs no answer, and nobody needs to hear of it.
		if (!(await isTaken(reply, gone, pieces))) return;
	}
	reply.end();
}

/** @returns whether the system has taken all of the pieces; false: there is nobody to send them to. */
async function isTaken(reply: Response, gone: AbortSignal, pieces: readonly Uint8Array[]): Promise<boolean> {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	const leave = () => resolve(false);
	gone.addEventListener('abort', leave, { once: true });
	reply.cork();
	pieces.forEach((piece, index) => {
		if (index < pieces.length - 1) reply.write(piece);
		else reply.write(piece, (error) => resolve(!error));
	});
	reply.uncork();
	try {
		return !gone.aborted && (await promise);
	} finally {
		gone.removeEventListener('abort', leave);
	}
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
	yield first;
	yield* rest;
}
