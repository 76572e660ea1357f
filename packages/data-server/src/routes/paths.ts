import { PathsRequest, PathsResponse, rootOf } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { snapshot } from '../sql.ts';
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
		const ids = [...new Set(body.ids)].filter((node) => node !== rootOf(id));
		const found = await snapshot(db, (tx) => pathsOf(tx, id, ids));
		return { nodes: [...found.values()].map(({ path, node }) => ({ id: node.id, path, kind: node.version.kind })) };
	},
});
