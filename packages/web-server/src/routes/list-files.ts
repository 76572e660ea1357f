import { API_BASE, ListFilesQuery, ListFilesResponse, splitPath } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { entryOf } from '../tree/entry.ts';
import { openFiles } from '../tree/open-files.ts';

export const listFiles = endpoint({
	method: 'get',
	path: `${API_BASE}/files`,
	summary: 'List a folder, or look at one file',
	query: ListFilesQuery,
	response: ListFilesResponse,
	authenticate: signedIn,
	handle: async ({ query, caller, gone }, context: WebContext) => {
		const { node, entries, total } = await openFiles(context, caller).ask((api, namespace) =>
			api.listing({ namespace, ...query }, { signal: gone }),
		);
		const end = query.offset + entries.length;
		return {
			path: query.path,
			entry: node && entryOf(node, splitPath(query.path)[0]),
			entries: entries.map((entry) => entryOf(entry, query.path)),
			total,
			nextOffset: entries.length > 0 && end < total ? end : null,
		};
	},
});
