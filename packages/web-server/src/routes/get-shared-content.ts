import { API_BASE, SharedContentQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { visitor } from '../auth/visitor.ts';
import type { WebContext } from '../context.ts';
import { openLink } from '../tree/open-link.ts';
import { sendContent } from '../tree/send-content.ts';

export const getSharedContent = endpoint({
	method: 'get',
	path: `${API_BASE}/shared/files/content`,
	summary: 'Download a file that a link leads to, or a range of it',
	query: SharedContentQuery,
	authenticate: visitor,
	handle: ({ query: { path }, caller, ...call }, context: WebContext) =>
		sendContent(context, openLink(context, caller), { path }, call),
});
