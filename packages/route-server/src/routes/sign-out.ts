import { deviceByRefreshToken, removeDevice } from '@mydropbox/central';
import { bearerToken, endpoint } from '@mydropbox/server-kit';
import type { RouteContext } from '../context.ts';

export const signOut = endpoint({
	method: 'delete',
	path: '/v1/devices/self',
	summary: 'Sign out the device whose refresh token this is',
	authenticate: (request, { central }: RouteContext) => deviceByRefreshToken(central, bearerToken(request)),
	handle: async ({ caller, log }, { central }: RouteContext) => {
		await removeDevice(central, caller.id);
		log.info({ user: caller.user, device: caller.id }, 'device signed out');
	},
});
