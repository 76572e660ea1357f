import { signUp } from '@mydropbox/central';
import { SignUpRequest } from '@mydropbox/protocol';
import { API_BASE, SignUpResponse, type User } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { anyone } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const createUser = endpoint({
	method: 'post',
	path: `${API_BASE}/users`,
	summary: 'Sign up',
	status: 201,
	body: SignUpRequest,
	bodyLimit: 16 * 1024,
	response: SignUpResponse,
	authenticate: anyone,
	handle: async ({ body, request }, { central }: WebContext) => {
		const { id, username, email } = await signUp(central, body, request.ip ?? '');
		return { user: { id, username, email } satisfies User };
	},
});
