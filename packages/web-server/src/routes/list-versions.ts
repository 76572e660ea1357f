import { API_BASE, ListVersionsQuery, ListVersionsResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { versionsOf } from '../tree/restore-version.ts';

export const listVersions = endpoint({
	method: 'get',
	path: `${API_BASE}/files/versions`,
	summary: 'The versions of a file that are kept, latest first',
	query: ListVersionsQuery,
	response: ListVersionsResponse,
	authenticate: signedIn,
	handle: async ({ query: { path }, caller }, context: WebContext) => ({
		path,
		versions: await versionsOf(openFiles(context, caller), path),
	}),
});
