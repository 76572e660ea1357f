import { PathsRequest, PathsResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { pathsOf } from '../tree/paths.ts';

export const paths = endpoint({
	method: 'post',
	path: '/v1/paths',
	summary: 'Where nodes are now',
	body: PathsRequest,
	response: PathsResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		const { id } = await caller.open(body.namespace, 'read');
		return { nodes: await pathsOf(db, id, body.ids) };
	},
});
