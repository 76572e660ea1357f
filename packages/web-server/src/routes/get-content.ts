import { pipeline } from 'node:stream/promises';
import { API_BASE, FileContentQuery } from '@mydropbox/protocol/web';
import { CONTENT_REQUEST_HEADERS, CONTENT_RESPONSE_HEADERS } from '@mydropbox/remote';
import { endpoint } from '@mydropbox/server-kit';
import type { Request } from 'express';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { speakingPlainly } from '../tree/access.ts';
import { openFiles } from '../tree/open-files.ts';

/** From here to the route-server, from there to the data server: bytes pass through as fast as the browser takes them. */
export const getContent = endpoint({
	method: 'get',
	path: `${API_BASE}/files/content`,
	summary: 'Download a file, or a range of it',
	query: FileContentQuery,
	authenticate: signedIn,
	handle: async ({ query, caller, request, reply, gone }, context: WebContext) => {
		const { namespace, token } = await openFiles(context, caller).grant();
		const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
		const answer = await speakingPlainly('The server that fetches your files', () =>
			context.route.content(
				{ namespace, ...query },
				{ token, method, headers: pick(request, CONTENT_REQUEST_HEADERS), signal: gone },
			),
		);
		// In case that nobody behind said so: what a person uploaded never runs as a part of this site.
		reply.set({ 'Content-Security-Policy': "sandbox; default-src 'none'", 'X-Content-Type-Options': 'nosniff' });
		for (const name of CONTENT_RESPONSE_HEADERS) {
			const value = answer.headers[name];
			if (value !== undefined) reply.set(name, value);
		}
		reply.status(answer.status);
		await pipeline(answer.body, reply, { signal: gone }).catch((error: unknown) => {
			// A download that the person stopped is no failure.
			if (!gone.aborted) throw error;
		});
	},
});

function pick(request: Request, names: readonly string[]): Record<string, string> {
	const found = names.map((name) => [name, request.get(name)] as const);
	return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
