import { removeLink } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, DeleteLinkQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const deleteLink = endpoint({
	method: 'delete',
	path: `${API_BASE}/links`,
	summary: 'End a link: it leads nowhere any more',
	query: DeleteLinkQuery,
	authenticate: signedIn,
	handle: async ({ query: { id }, caller }, { central }: WebContext) => {
		if (!(await removeLink(central, caller.device.user, id)))
			throw new ApiError('not-found', 'You have no such link any more. Look at the list again.');
	},
});
