import { Discovery, PROTOCOL_VERSION } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import type { WebContext } from '../context.ts';

export const getDiscovery = endpoint({
	method: 'get',
	path: '/.well-known/mydropbox',
	summary: 'Where the servers of this MyDropbox are',
	response: Discovery,
	handle: async ({ request }, { addresses }: WebContext) => ({
		service: 'mydropbox' as const,
		protocol: PROTOCOL_VERSION,
		routeServer: addresses.routeServer(request),
		webServer: addresses.website(request),
	}),
});
