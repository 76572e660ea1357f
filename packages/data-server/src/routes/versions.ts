import { VersionsRequest, VersionsResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { withDeviceNames } from '../history/device-names.ts';
import { versionsOf } from '../history/history.ts';

export const versions = endpoint({
	method: 'post',
	path: '/v1/versions',
	summary: 'The states of a node that are kept, latest first',
	body: VersionsRequest,
	response: VersionsResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		await caller.open(body.namespace, 'read');
		const states = await versionsOf(db, body.namespace, body.id, body);
		return { states: await withDeviceNames(db, states) };
	},
});
