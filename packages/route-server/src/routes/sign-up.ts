import { signUp as createAccount } from '@mydropbox/central';
import { SignUpRequest, SignUpResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { type RouteContext, STRANGERS_BODY_BYTES } from '../context.ts';

export const signUp = endpoint({
	method: 'post',
	path: '/v1/users',
	summary: 'Create an account and place it on a data server',
	body: SignUpRequest,
	bodyLimit: STRANGERS_BODY_BYTES,
	response: SignUpResponse,
	status: 201,
	handle: async ({ body, request }, { central }: RouteContext) => {
		const { id, username } = await createAccount(central, body, request.ip ?? '');
		return { user: id, username };
	},
});
