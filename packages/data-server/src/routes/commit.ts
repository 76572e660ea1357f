import { CommitRequest, CommitResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { commit as runCommit } from '../journal/commit.ts';

export const commit = endpoint({
	method: 'post',
	path: '/v1/commit',
	summary: 'Change the tree: operations accepted or refused one by one, in one transaction',
	body: CommitRequest,
	response: CommitResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, { db, index, arrivals, notifier, now }: DataContext) => {
		const grant = await caller.open(body.namespace, 'write');
		const { device, deviceName } = caller.claims;
		const answer = await runCommit(db, index, { grant, device, deviceName, at: now() }, body);
		const done = body.operations.filter((_, at) => answer.results[at]!.ok).map(({ id }) => id);
		arrivals.committed(body.namespace, done);
		if (done.length > 0) notifier.notify(body.namespace);
		return answer;
	},
});
