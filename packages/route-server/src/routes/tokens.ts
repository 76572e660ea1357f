import { type DataServer, deviceByRefreshToken, grantAccess } from '@mydropbox/central';
import { TokensResponse } from '@mydropbox/protocol';
import { bearerToken, endpoint } from '@mydropbox/server-kit';
import type { RouteContext } from '../context.ts';

export const tokens = endpoint({
	method: 'post',
	path: '/v1/tokens',
	summary: 'Exchange a refresh token for short-lived access to data servers',
	response: TokensResponse,
	authenticate: (request, { central }: RouteContext) => deviceByRefreshToken(central, bearerToken(request)),
	handle: async ({ caller, request, reply }, { central, publicUrl }: RouteContext) => {
		const hostname = publicUrl === null ? request.hostname : new URL(publicUrl).hostname;
		const grants = await grantAccess(central, caller);
		reply.set('Cache-Control', 'no-store');
		return {
			grants: grants.map(({ dataServer, token, expiresIn, namespaces }) => ({
				dataServer: dataServer.id,
				url: urlForClients(dataServer, hostname),
				token,
				expiresIn,
				namespaces: [...namespaces],
				available: dataServer.available,
			})),
		};
	},
});

/** A data server without a public address is reached by the host name that led here: on one machine that is right. */
function urlForClients({ publicUrl, internalUrl, port }: DataServer, hostname: string | undefined): string {
	if (publicUrl !== null) return publicUrl;
	const sameHost = `http://${hostname}:${port}`;
	return hostname && URL.canParse(sameHost) ? new URL(sameHost).origin : internalUrl;
}
