import { createLink as makeLink } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, CreateLinkRequest, CreateLinkResponse, type LinkToken } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { findNode } from '../tree/look-up.ts';
import { openFiles } from '../tree/open-files.ts';
import { sharedLinkOf } from '../tree/shared-link.ts';

const DAY_MS = 24 * 3600_000;

export const createLink = endpoint({
	method: 'post',
	path: `${API_BASE}/links`,
	summary: 'Share a file or folder with everybody who gets the link',
	status: 201,
	body: CreateLinkRequest,
	response: CreateLinkResponse,
	authenticate: signedIn,
	handle: async ({ body: { path, days }, caller }, context: WebContext) => {
		const { central } = context;
		const files = openFiles(context, caller);
		const { node } = await findNode(files, path);
		if (node.kind === 'symlink')
			throw new ApiError('bad-path', `“${node.name}” is a symbolic link. Share what it points to.`);
		const { namespace } = await files.grant();
		const endsAt = days === null ? null : central.now() + days * DAY_MS;
		const { link, token } = await makeLink(central, { user: caller.device.user, namespace, node: node.id, endsAt });
		return { link: sharedLinkOf(link, { id: node.id, path, kind: node.kind }), token: token as LinkToken };
	},
});
