import { Discovery, PROTOCOL_VERSION } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import type { RouteContext } from '../context.ts';

export const discovery = endpoint({
	method: 'get',
	path: '/.well-known/mydropbox',
	summary: 'Where the servers of this installation are',
	response: Discovery,
	handle: async (_call, { publicUrl, webUrl }: RouteContext) => ({
		service: 'mydropbox' as const,
		protocol: PROTOCOL_VERSION,
		routeServer: publicUrl,
		webServer: webUrl,
	}),
});
