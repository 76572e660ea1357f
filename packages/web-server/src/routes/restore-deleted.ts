import { API_BASE, RestoreDeletedRequest, RestoreDeletedResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { restoreDeleted as restore } from '../tree/restore-deleted.ts';

export const restoreDeleted = endpoint({
	method: 'post',
	path: `${API_BASE}/trash/restore`,
	summary: 'Bring back what was deleted, with all that was deleted along with it',
	body: RestoreDeletedRequest,
	response: RestoreDeletedResponse,
	authenticate: signedIn,
	handle: ({ body, caller }, context: WebContext) => restore(openFiles(context, caller), body.id),
});
