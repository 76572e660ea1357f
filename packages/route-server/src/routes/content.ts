import { pipeline } from 'node:stream/promises';
import { dataServer, verifyGrant } from '@mydropbox/central';
import { ApiError, ContentQuery } from '@mydropbox/protocol';
import { CONTENT_REQUEST_HEADERS, CONTENT_RESPONSE_HEADERS, DataApi, ServerUnreachable } from '@mydropbox/remote';
import { bearerToken, endpoint } from '@mydropbox/server-kit';
import type { Request } from 'express';
import type { RouteContext } from '../context.ts';

/** Everything else that the data server says, such as about its connection, is between the two servers. */
const RESPONSE_HEADERS = [...CONTENT_RESPONSE_HEADERS, 'retry-after', 'vary', 'x-content-type-options'];

/** Answers GET and HEAD. The bytes pass through: at no time is more of them in memory than the sockets' buffers. */
export const content = endpoint({
	method: 'get',
	path: '/v1/content',
	summary: "A file's bytes, fetched from the data server that keeps them",
	query: ContentQuery,
	authenticate: async (request, { central }: RouteContext) => {
		const token = bearerToken(request);
		const claims = await verifyGrant(central, token);
		return { token, dataServerId: claims.aud };
	},
	handle: async ({ query, caller, request, reply, gone, log }, { central }: RouteContext) => {
		const { internalUrl } = await dataServer(central, caller.dataServerId);
		const answer = await new DataApi(internalUrl, { token: caller.token })
			.content(query, {
				method: request.method === 'HEAD' ? 'HEAD' : 'GET',
				headers: { ...conditions(request), 'x-request-id': String(request.id) },
				signal: gone,
			})
			.catch(explainUnreachable);
		reply.status(answer.status);
		for (const name of RESPONSE_HEADERS) {
			const value = answer.headers[name];
			if (value !== undefined) reply.set(name, value);
		}
		// When either side breaks, the other is cut too: a download that is not whole must not look whole.
		await pipeline(answer.body, reply).catch((error: unknown) => {
			if (!gone.aborted)
				log.warn({ err: error, dataServer: caller.dataServerId }, 'the data server broke off a download');
		});
	},
});

function conditions(request: Request): Record<string, string> {
	const sent = CONTENT_REQUEST_HEADERS.map((name) => [name, request.get(name)] as const);
	return Object.fromEntries(sent.filter((header): header is [string, string] => header[1] !== undefined));
}

function explainUnreachable(error: unknown): never {
	if (!(error instanceof ServerUnreachable)) throw error;
	throw new ApiError(
		'data-server-unavailable',
		'The server that keeps these files does not answer right now. Nothing is lost; try again in a minute.',
		{ cause: error, retryAfter: 10 },
	);
}
