import { ApiError, type Content } from '@mydropbox/protocol';
import { BlockSplitter } from '@mydropbox/protocol/content';
import type { BlockBatches } from './block-batches.ts';

/** Cuts a stream into blocks, as every client does, and hands them to be stored. @param maxBytes more is refused. */
export async function readContent(
	stream: AsyncIterable<Uint8Array>,
	batches: BlockBatches,
	maxBytes: number,
): Promise<Content> {
	const splitter = new BlockSplitter();
	let received = 0;
	for await (const piece of stream) {
		received += piece.length;
		if (received > maxBytes)
			throw new ApiError('quota-exceeded', 'The file is larger than all of your space; nothing was stored.');
		// The splitter lends its bytes only until the next block.
		for (const { hash, bytes } of splitter.push(piece)) await batches.add({ hash, bytes: bytes.slice() });
	}
	for (const { hash, bytes } of splitter.end()) await batches.add({ hash, bytes: bytes.slice() });
	return splitter.content();
}
