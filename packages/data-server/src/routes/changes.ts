import { ChangesRequest, ChangesResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { type Caller, signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';
import { type Cursor, news } from '../journal/changes.ts';

export const changes = endpoint({
	method: 'post',
	path: '/v1/changes',
	summary: 'What happened after a cursor; with waitMs, the moment it happens',
	body: ChangesRequest,
	response: ChangesResponse,
	authenticate: signedIn,
	handle: async ({ body, caller, reply, stopping }, { db, notifier }: DataContext) => {
		await openAll(caller, body.cursors);
		// Subscribe before the query: what lands between the two ends the wait at once.
		const subscription = notifier.subscribe(body.cursors.map(({ namespace }) => namespace));
		try {
			const namespaces = await news(db, body.cursors, body.limit);
			if (namespaces.length > 0 || body.waitMs === 0 || stopping.aborted || reply.destroyed) return { namespaces };
			// Thousands wait at once, so each holds as little as it can.
			const enough = setTimeout(subscription.wake, body.waitMs);
			reply.once('close', subscription.wake);
			await subscription.changed;
			clearTimeout(enough);
			return { namespaces: reply.destroyed ? [] : await news(db, body.cursors, body.limit) };
		} finally {
			subscription.close();
		}
	},
});

async function openAll(caller: Caller, cursors: readonly Cursor[]): Promise<void> {
	for (const { namespace } of cursors) await caller.open(namespace, 'read');
}
