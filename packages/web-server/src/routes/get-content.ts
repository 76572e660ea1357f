import { API_BASE, FileContentQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { sendContent } from '../tree/send-content.ts';

export const getContent = endpoint({
	method: 'get',
	path: `${API_BASE}/files/content`,
	summary: 'Download a file, or a range of it',
	query: FileContentQuery,
	authenticate: signedIn,
	handle: ({ query, caller, ...call }, context: WebContext) =>
		sendContent(context, openFiles(context, caller), query, call),
});
