import { ListingRequest, ListingResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { listFolder } from '../tree/listing.ts';

export const listing = endpoint({
	method: 'post',
	path: '/v1/listing',
	summary: 'A folder as a person sees it',
	body: ListingRequest,
	response: ListingResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		const { top } = await caller.openBelow(body.namespace);
		return listFolder(db, body, top);
	},
});
