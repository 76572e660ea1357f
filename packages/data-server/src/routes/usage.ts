import { UsageRequest, UsageResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { readNamespace } from '../journal/namespaces.ts';

export const usage = endpoint({
	method: 'post',
	path: '/v1/usage',
	summary: 'How much of the quota the current files take',
	body: UsageRequest,
	response: UsageResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		const { id, quota } = await caller.open(body.namespace, 'read');
		const { bytesUsed, files } = await readNamespace(db, id);
		return { bytesUsed, quota, files };
	},
});
