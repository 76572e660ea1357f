import { API_BASE, SharedArchiveQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { visitor } from '../auth/visitor.ts';
import type { WebContext } from '../context.ts';
import { openLink } from '../tree/open-link.ts';
import { sendArchive } from '../tree/send-archive.ts';

export const getSharedArchive = endpoint({
	method: 'get',
	path: `${API_BASE}/shared/folders/archive`,
	summary: 'Download a folder that a link leads to, or some of what is in it, as a ZIP file',
	query: SharedArchiveQuery,
	authenticate: visitor,
	handle: ({ query, caller, ...call }, context: WebContext) => sendArchive(openLink(context, caller), query, call),
});
