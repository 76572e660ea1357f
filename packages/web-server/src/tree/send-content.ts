import { pipeline } from 'node:stream/promises';
import type { ContentQuery } from '@mydropbox/protocol';
import { CONTENT_REQUEST_HEADERS, CONTENT_RESPONSE_HEADERS } from '@mydropbox/remote';
import type { Request, Response } from 'express';
import type { WebContext } from '../context.ts';
import { type Access, speakingPlainly } from './access.ts';

export interface ContentCall {
	readonly request: Request;
	readonly reply: Response;
	/** Aborted when nobody waits for the answer any more. */
	readonly gone: AbortSignal;
}

/** From here to the route-server, from there to the data server: bytes pass through as fast as the browser takes them. */
export async function sendContent(
	{ route }: WebContext,
	files: Access,
	query: Omit<ContentQuery, 'namespace'>,
	{ request, reply, gone }: ContentCall,
): Promise<void> {
	const { namespace, token } = await files.grant();
	const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
	const answer = await speakingPlainly('The server that fetches your files', () =>
		route.content(
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
}

function pick(request: Request, names: readonly string[]): Record<string, string> {
	const found = names.map((name) => [name, request.get(name)] as const);
	return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
