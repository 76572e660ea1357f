import { devicesOf } from '@mydropbox/central';
import { API_BASE, ListDevicesResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const listDevices = endpoint({
	method: 'get',
	path: `${API_BASE}/devices`,
	summary: 'The devices that are signed in, seen last first',
	response: ListDevicesResponse,
	authenticate: signedIn,
	handle: async ({ caller }, { central }: WebContext) => {
		const devices = await devicesOf(central, caller.device.user);
		return {
			devices: devices.map(({ id, name, connectedAt, lastSeenAt }) => ({
				...{ id, name },
				connectedAt: new Date(connectedAt).toISOString(),
				lastSeenAt: new Date(lastSeenAt).toISOString(),
			})),
		};
	},
});
