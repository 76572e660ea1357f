import { MissingBlocksRequest, MissingBlocksResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';

export const blocksMissing = endpoint({
	method: 'post',
	path: '/v1/blocks/missing',
	summary: "Which blocks the namespace's owner does not have here",
	body: MissingBlocksRequest,
	response: MissingBlocksResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { blocks }: DataContext) => {
		const { owner } = await caller.open(body.namespace, 'write');
		return { missing: await blocks.missing(owner, body.hashes) };
	},
});
