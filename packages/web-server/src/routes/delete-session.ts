import { endSession } from '@mydropbox/central';
import { API_BASE } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { clearSessionCookie } from '../auth/session-cookie.ts';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const deleteSession = endpoint({
	method: 'delete',
	path: `${API_BASE}/session`,
	summary: 'Sign out',
	authenticate: signedIn,
	handle: async ({ caller, request, reply }, { central }: WebContext) => {
		await endSession(central, caller.token);
		if (caller.byCookie) clearSessionCookie(request, reply);
	},
});
