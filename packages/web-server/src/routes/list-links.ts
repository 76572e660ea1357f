import { linksOf } from '@mydropbox/central';
import { LIMITS, type NodeId, type PathsResponse } from '@mydropbox/protocol';
import { API_BASE, ListLinksResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { inBatches } from '../tree/in-batches.ts';
import { openFiles } from '../tree/open-files.ts';
import { sharedLinkOf } from '../tree/shared-link.ts';

export const listLinks = endpoint({
	method: 'get',
	path: `${API_BASE}/links`,
	summary: 'The links that lead to files of yours, newest first',
	response: ListLinksResponse,
	authenticate: signedIn,
	handle: async ({ caller, gone }, context: WebContext) => {
		const links = await linksOf(context.central, caller.device.user);
		if (links.length === 0) return { links: [] };
		const files = openFiles(context, caller);
		const ids = [...new Set(links.map(({ node }) => node))];
		const byId = new Map<NodeId, PathsResponse['nodes'][number]>();
		for await (const group of inBatches(ids, () => 0, { bytes: 0, count: LIMITS.listingPage })) {
			const { nodes } = await files.ask((api, namespace) => api.paths({ namespace, ids: group }, { signal: gone }));
			for (const node of nodes) byId.set(node.id, node);
		}
		return { links: links.map((link) => sharedLinkOf(link, byId.get(link.node))) };
	},
});
