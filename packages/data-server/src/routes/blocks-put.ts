import { ApiError, LIMITS, PutBlocksQuery, PutBlocksResponse } from '@mydropbox/protocol';
import { BLOCKS_MEDIA_TYPE, readOnce } from '@mydropbox/protocol/content';
import { endpoint } from '@mydropbox/server-kit';
import type { Request } from 'express';
import { signedIn } from '../auth/caller.ts';
import { tooLarge, UNCOMMITTED_SLACK_BYTES } from '../blocks/upload-limit.ts';
import type { DataContext } from '../context.ts';

export const blocksPut = endpoint({
	method: 'put',
	path: '/v1/blocks',
	summary: 'Store blocks; all can be committed when the answer arrives',
	query: PutBlocksQuery,
	response: PutBlocksResponse,
	authenticate: signedIn,
	handle: async ({ query, caller, request }, { blocks }: DataContext) => {
		const { owner, quota } = await caller.open(query.namespace, 'write');
		refuseUnlikely(request);
		return blocks.put(owner, bodyOf(request), quota + UNCOMMITTED_SLACK_BYTES);
	},
});

/** What the headers alone rule out need not be read. */
function refuseUnlikely(request: Request): void {
	if (!request.is(BLOCKS_MEDIA_TYPE)) {
		throw new ApiError('unsupported-type', `Send blocks as ${BLOCKS_MEDIA_TYPE}.`);
	}
	if (Number(request.get('content-length') ?? 0) > LIMITS.putBlocksBytes) {
		throw tooLarge();
	}
}

async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
	try {
		yield* readOnce(request);
	} catch (error) {
		// The connection broke: an ordinary day for a laptop, no fault of this server.
		throw request.destroyed
			? new ApiError('truncated-body', 'The blocks ended early; send them again.', { cause: error })
			: error;
	}
}
