import { changePassword as change } from '@mydropbox/central';
import { API_BASE, ChangePasswordRequest } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const changePassword = endpoint({
	method: 'put',
	path: `${API_BASE}/me/password`,
	summary: 'Change the password; all other sessions end, devices stay signed in',
	body: ChangePasswordRequest,
	bodyLimit: 16 * 1024,
	authenticate: signedIn,
	handle: async ({ body, caller, request }, { central }: WebContext) => {
		await change(central, caller.device.user, { ...body, session: caller.token, ip: request.ip ?? '' });
	},
});
