import { grantBelow, linkByToken } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, OpenLinkRequest, OpenLinkResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { setLinkCookie } from '../auth/link-cookie.ts';
import { anyone } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { listPage } from '../tree/list-page.ts';
import { openLink } from '../tree/open-link.ts';

export const openShared = endpoint({
	method: 'post',
	path: `${API_BASE}/shared`,
	summary: 'Open a link in this browser',
	body: OpenLinkRequest,
	bodyLimit: 1024,
	response: OpenLinkResponse,
	authenticate: anyone,
	handle: async ({ body: { token }, request, reply, gone }, context: WebContext) => {
		const link = await linkByToken(context.central, token);
		const { owner } = await grantBelow(context.central, link);
		const { entry } = await listPage(openLink(context, link), { path: '/', offset: 0, limit: 1 }, gone);
		if (!entry) throw new ApiError('not-found', 'What this link leads to is not there any more.');
		setLinkCookie(request, reply, link.id, token);
		const endsAt = link.endsAt === null ? null : new Date(link.endsAt).toISOString();
		return { id: link.id, entry: { ...entry, path: '/' }, owner, endsAt };
	},
});
