import { createSession as openSession, verifyUser } from '@mydropbox/central';
import { API_BASE, CreateSessionRequest, CreateSessionResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { setSessionCookie } from '../auth/session-cookie.ts';
import { anyone } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const createSession = endpoint({
	method: 'post',
	path: `${API_BASE}/session`,
	summary: 'Sign in',
	status: 201,
	body: CreateSessionRequest,
	bodyLimit: 16 * 1024,
	response: CreateSessionResponse,
	authenticate: anyone,
	handle: async ({ body, request, reply }, { central }: WebContext) => {
		const { id, username, email } = await verifyUser(central, body.username, body.password, request.ip ?? '');
		const { token, expiresAt } = await openSession(central, id);
		const expires = new Date(expiresAt);
		setSessionCookie(request, reply, token, expires);
		return { token, expiresAt: expires.toISOString(), user: { id, username, email } };
	},
});
