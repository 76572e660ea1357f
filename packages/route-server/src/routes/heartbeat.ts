import { HEARTBEAT_SECONDS, recordHeartbeat } from '@mydropbox/central';
import { ApiError, HeartbeatRequest, HeartbeatResponse } from '@mydropbox/protocol';
import { bearerToken, endpoint, isSameSecret } from '@mydropbox/server-kit';
import { type RouteContext, STRANGERS_BODY_BYTES } from '../context.ts';

export const heartbeat = endpoint({
	method: 'post',
	path: '/v1/data-servers/heartbeat',
	summary: 'Register a data server, and say that it lives',
	body: HeartbeatRequest,
	bodyLimit: STRANGERS_BODY_BYTES,
	response: HeartbeatResponse,
	authenticate: (request, { clusterSecret }: RouteContext) => {
		if (isSameSecret(bearerToken(request), clusterSecret)) return;
		throw new ApiError(
			'forbidden',
			'This is not the cluster secret. Start the data server with the same MYDROPBOX_CLUSTER_SECRET as the route-server.',
		);
	},
	handle: async ({ body }, { central }: RouteContext) => {
		await recordHeartbeat(central, body);
		return { keys: central.keys.public.map((key) => ({ ...key })), interval: HEARTBEAT_SECONDS };
	},
});
