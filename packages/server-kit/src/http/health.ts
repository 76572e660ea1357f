import type { Express } from 'express';
import type { Registry } from './metrics.ts';

/** By name; one that rejects means: not ready. */
export type Checks = Record<string, () => Promise<void>>;

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: Prometheus. */
export function healthRoutes(app: Express, checks: Checks, metrics: Registry): void {
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
	app.get('/metrics', async (_request, reply) => {
		reply.type(metrics.contentType).send(await metrics.metrics());
	});
}
