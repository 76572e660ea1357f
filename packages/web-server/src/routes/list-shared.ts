import { API_BASE, ListFilesResponse, SharedFilesQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { visitor } from '../auth/visitor.ts';
import type { WebContext } from '../context.ts';
import { listPage } from '../tree/list-page.ts';
import { openLink } from '../tree/open-link.ts';

export const listShared = endpoint({
	method: 'get',
	path: `${API_BASE}/shared/files`,
	summary: 'List a folder that a link leads to, or look at one file',
	query: SharedFilesQuery,
	response: ListFilesResponse,
	authenticate: visitor,
	handle: async ({ query, caller, gone }, context: WebContext) => {
		const page = await listPage(openLink(context, caller), query, gone);
		return query.path === '/' && page.entry ? { ...page, entry: { ...page.entry, path: '/' } } : page;
	},
});
