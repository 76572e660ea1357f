import { devicesOf, removeDevice } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, SignOutDeviceQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const signOutDevice = endpoint({
	method: 'delete',
	path: `${API_BASE}/devices`,
	summary: 'Sign a device out, such as one that is lost',
	query: SignOutDeviceQuery,
	authenticate: signedIn,
	handle: async ({ query: { id }, caller }, { central }: WebContext) => {
		const own = await devicesOf(central, caller.device.user);
		if (!own.some((device) => device.id === id)) {
			throw new ApiError('not-found', 'No device of yours is signed in under this id. Look at the list again.');
		}
		await removeDevice(central, id);
	},
});
