import { addDevice, verifyUser } from '@mydropbox/central';
import { SignInRequest, SignInResponse } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { type RouteContext, STRANGERS_BODY_BYTES } from '../context.ts';

export const signIn = endpoint({
	method: 'post',
	path: '/v1/devices',
	summary: 'Sign a device in',
	body: SignInRequest,
	bodyLimit: STRANGERS_BODY_BYTES,
	response: SignInResponse,
	status: 201,
	handle: async ({ body, request, log }, { central }: RouteContext) => {
		const user = await verifyUser(central, body.username, body.password, request.ip ?? '');
		const { device, refreshToken } = await addDevice(central, user.id, body.device);
		log.info({ user: user.id, device: device.id }, 'device signed in');
		return { user: user.id, username: user.username, device: device.id, refreshToken };
	},
});
