import { TrashRequest, TrashResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { withDeviceNames } from '../history/device-names.ts';
import { listTrash } from '../history/trash.ts';

export const trash = endpoint({
	method: 'post',
	path: '/v1/trash',
	summary: 'What is deleted now, latest first',
	body: TrashRequest,
	response: TrashResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		await caller.open(body.namespace, 'read');
		return { deleted: await withDeviceNames(db, await listTrash(db, body.namespace, body)) };
	},
});
