import { ContentsRequest, ContentsResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { readContents } from '../tree/contents.ts';

export const contents = endpoint({
	method: 'post',
	path: '/v1/contents',
	summary: 'The block lists of contents that files of the namespace have or had',
	body: ContentsRequest,
	response: ContentsResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db }: DataContext) => {
		const { id } = await caller.openBelow(body.namespace);
		return { contents: await readContents(db, id, body.hashes) };
	},
});
