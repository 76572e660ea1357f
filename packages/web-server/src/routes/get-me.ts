import { dataServer, SESSION_MS, userById } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, MeResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { setSessionCookie } from '../auth/session-cookie.ts';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';

export const getMe = endpoint({
	method: 'get',
	path: `${API_BASE}/me`,
	summary: 'Who is signed in, how much space there is, and whether the files can be reached',
	response: MeResponse,
	authenticate: signedIn,
	handle: async ({ caller, request, reply }, context: WebContext) => {
		const { central } = context;
		const user = await userById(central, caller.device.user);
		const server = await dataServer(central, user.dataServer);
		const usage = await openFiles(context, caller)
			.ask((api, namespace) => api.usage(namespace))
			.catch(nullWhenDown);
		// Each use prolongs the session, and so its cookie.
		if (caller.byCookie) setSessionCookie(request, reply, caller.token, new Date(central.now() + SESSION_MS));
		return {
			user: { id: user.id, username: user.username, email: user.email },
			quota: user.quota,
			bytesUsed: usage?.bytesUsed ?? null,
			files: usage?.files ?? null,
			dataServer: { id: server.id, available: usage !== null },
		};
	},
});

/** Who one is can be told all the same. */
function nullWhenDown(error: unknown): null {
	if (error instanceof ApiError && error.status >= 500) return null;
	throw error;
}
