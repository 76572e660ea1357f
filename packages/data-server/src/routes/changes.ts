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
	handle: async ({ body, caller, reply, stopping }, { db, arrivals, notifier }: DataContext) => {
		await openAll(caller, body.cursors);
		const names = body.cursors.map(({ namespace }) => namespace);
		const { device } = caller.claims;
		const now = async (): Promise<ChangesResponse> => {
			const heard = arrivals.news(names, device, body.arrivalsAfter);
			return { namespaces: await news(db, body.cursors, body.limit), ...(heard ? { arrivals: heard } : {}) };
		};
		// Subscribe before the query: what lands between the two ends the wait at once.
		const subscription = notifier.subscribe(names, body.arrivalsAfter === undefined ? undefined : device);
		try {
			const there = await now();
			const isNews = there.namespaces.length > 0 || there.arrivals;
			if (isNews || body.waitMs === 0 || stopping.aborted || reply.destroyed) return there;
			// Thousands wait at once, so each holds as little as it can.
			const enough = setTimeout(subscription.wake, body.waitMs);
			reply.once('close', subscription.wake);
			await subscription.changed;
			clearTimeout(enough);
			return reply.destroyed ? { namespaces: [] } : await now();
		} finally {
			subscription.close();
		}
	},
});

async function openAll(caller: Caller, cursors: readonly Cursor[]): Promise<void> {
	for (const { namespace } of cursors) await caller.open(namespace, 'read');
}
