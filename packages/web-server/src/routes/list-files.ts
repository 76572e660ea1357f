import { API_BASE, ListFilesQuery, ListFilesResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { listPage } from '../tree/list-page.ts';
import { openFiles } from '../tree/open-files.ts';

export const listFiles = endpoint({
	method: 'get',
	path: `${API_BASE}/files`,
	summary: 'List a folder, or look at one file',
	query: ListFilesQuery,
	response: ListFilesResponse,
	authenticate: signedIn,
	handle: ({ query, caller, gone }, context: WebContext) => listPage(openFiles(context, caller), query, gone),
});
