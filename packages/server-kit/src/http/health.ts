import { isIPv4 } from 'node:net';
import { ApiError } from '@mydropbox/protocol';
import type { Express, Request } from 'express';
import { bearerToken } from '../access-token.ts';
import { isSameSecret } from '../same-secret.ts';
import type { Registry } from './metrics.ts';

/** By name; one that rejects means: not ready. */
export type Checks = Record<string, () => Promise<void>>;

/**
 * `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: Prometheus; they tell how busy people are, so
 * they are for whoever knows the token, and without one for this machine alone.
 */
export function healthRoutes(app: Express, checks: Checks, metrics: Registry, metricsToken: string | undefined): void {
	app.get('/healthz', (_request, reply) => {
		reply.set('Cache-Control', 'no-store').json({ status: 'ok' });
	});
	app.get('/readyz', async (request, reply) => {
		const failed: string[] = [];
		for (const [name, check] of Object.entries(checks)) {
			await check().catch((error: unknown) => {
				request.log.warn({ err: error }, `not ready: ${name}`);
				failed.push(name);
			});
		}
		reply.set('Cache-Control', 'no-store');
		if (failed.length === 0) reply.json({ status: 'ready' });
		else reply.status(503).json({ status: 'not-ready', failed });
	});
	app.get('/metrics', async (request, reply) => {
		refuseStrangers(request, metricsToken);
		reply.type(metrics.contentType).send(await metrics.metrics());
	});
}

function refuseStrangers(request: Request, token: string | undefined): void {
	if (token === undefined ? isFromHere(request) : isSameSecret(bearerToken(request), token)) return;
	throw new ApiError(
		'forbidden',
		token === undefined
			? 'Only this machine may read the metrics. To read them from elsewhere, start the server with a --metrics-token.'
			: 'This is not the token that the server was started with (--metrics-token).',
	);
}

/** Not what a proxy on this machine passes on. */
export function isFromHere({ socket, headers }: Pick<Request, 'socket' | 'headers'>): boolean {
	if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
	const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
	return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
