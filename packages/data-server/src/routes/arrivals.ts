import { AnnounceRequest } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import type { DataContext } from '../context.ts';

export const arrivals = endpoint({
	method: 'post',
	path: '/v1/arrivals',
	summary: 'Tell other devices of blocks that are here before the commit that names them',
	body: AnnounceRequest,
	authenticate: signedIn,
	handle: async ({ body: { namespace, ...part }, caller }, { arrivals: heard, notifier }: DataContext) => {
		await caller.open(namespace, 'write');
		const { device } = caller.claims;
		if (heard.add(namespace, device, part)) notifier.notifyOfArrival(namespace, device);
	},
});
