import { API_BASE, ListTrashQuery, ListTrashResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { listTrash as list } from '../tree/restore-deleted.ts';

export const listTrash = endpoint({
	method: 'get',
	path: `${API_BASE}/trash`,
	summary: 'What was deleted and is kept, latest first',
	query: ListTrashQuery,
	response: ListTrashResponse,
	authenticate: signedIn,
	handle: ({ query, caller }, context: WebContext) => list(openFiles(context, caller), query),
});
