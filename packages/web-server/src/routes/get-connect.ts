import { userById } from '@mydropbox/central';
import { API_BASE, ConnectResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const getConnect = endpoint({
	method: 'get',
	path: `${API_BASE}/connect`,
	summary: 'What is needed to connect a device',
	response: ConnectResponse,
	authenticate: signedIn,
	handle: async ({ caller, request }, { central, addresses }: WebContext) => {
		const { username } = await userById(central, caller.device.user);
		return { server: addresses.website(request), routeServer: addresses.routeServer(request), username };
	},
});
