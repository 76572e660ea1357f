import { DeletedTreeRequest, DeletedTreeResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { deletedTree } from '../history/trash.ts';

export const trashTree = endpoint({
	method: 'post',
	path: '/v1/trash/tree',
	summary: 'A deleted node with all that was deleted along with it',
	body: DeletedTreeRequest,
	response: DeletedTreeResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		await caller.open(body.namespace, 'read');
		return deletedTree(db, body.namespace, body.id);
	},
});
