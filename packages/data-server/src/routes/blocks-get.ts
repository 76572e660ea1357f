import { GetBlocksRequest } from '@mydropbox/protocol';
import { BLOCKS_MEDIA_TYPE, endFrame, FRAME_HEADER_BYTES, type FramedBlock } from '@mydropbox/protocol/content';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import { framesInPlace } from '../blocks/segment-format.ts';
import { sendBytes } from '../content/send-bytes.ts';
import type { DataContext } from '../context.ts';

export const blocksGet = endpoint({
	method: 'post',
	path: '/v1/blocks/get',
	summary: 'Blocks in the order asked for, each once; all of them or none',
	body: GetBlocksRequest,
	authenticate: signedIn,
	handle: async ({ body, caller, reply, gone }, { blocks }: DataContext) => {
		const { owner } = await caller.openBelow(body.namespace);
		const located = await blocks.locate(owner, [...new Set(body.hashes)]);
		const bytes = located.reduce((sum, { length }) => sum + FRAME_HEADER_BYTES + length, FRAME_HEADER_BYTES);
		const headers = { 'Content-Type': BLOCKS_MEDIA_TYPE, 'Content-Length': String(bytes), 'Cache-Control': 'no-store' };
		await sendBytes(reply, gone, headers, framed(blocks.read(owner, located, body.verify !== false)));
	},
});

async function* framed(groups: AsyncIterable<readonly FramedBlock[]>): AsyncGenerator<Uint8Array[]> {
	for await (const group of groups) yield [...framesInPlace(group)];
	yield [endFrame()];
}
