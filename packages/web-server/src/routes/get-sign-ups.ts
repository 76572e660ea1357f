import { API_BASE, SignUpsResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { anyone } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';

export const getSignUps = endpoint({
	method: 'get',
	path: `${API_BASE}/sign-ups`,
	summary: 'Whether anybody can make an account',
	response: SignUpsResponse,
	authenticate: anyone,
	handle: async (_call, { central }: WebContext) => ({ signUps: central.signUps }),
});
