import { isUtf8 } from 'node:buffer';
import { ApiError, LIMITS } from '@mydropbox/protocol';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import type { Logger } from '../log.ts';
import type { Endpoint } from './endpoint.ts';
import { answerErrors, parseAs } from './errors.ts';
import { type Checks, healthRoutes } from './health.ts';
import { createMetrics, measureRequests, type Registry } from './metrics.ts';
import { logRequests } from './request-log.ts';
import { type Pace, refuseSlowBodies, SLOWEST } from './slow-bodies.ts';
import { checkVersion } from './version.ts';

export interface AppOptions<Context> {
	log: Logger;
	/** Handed to every endpoint. */
	context: Context;
	endpoints: readonly Endpoint<Context>[];
	/** Fires when the server stops. */
	stopping: AbortSignal;
	/** What has to work for `/readyz` to say yes. */
	checks?: Checks;
	metrics?: Registry;
	/** What whoever reads `/metrics` has to send; when not set, only this machine may. */
	metricsToken?: string | undefined;
	/** How slowly a body may come. */
	slowest?: Pace;
	/** Express's `trust proxy`: whose `X-Forwarded-For` is believed. Nobody's when left out. */
	trustProxy?: string | number | boolean;
	/** For a server that also has a website: its headers, and what comes after the endpoints. */
	site?: { helmet: HelmetOptions; mount: (app: Express) => void };
}

/** Answers are data: no browser may run, frame or embed them. HTTPS, and so HSTS, is the business of a proxy in front. */
const API_HEADERS: HelmetOptions = {
	contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
	strictTransportSecurity: false,
};

/** An Express app with everything that all servers do the same way. */
export function createApp<Context>(options: AppOptions<Context>): Express {
	const metrics = options.metrics ?? createMetrics();
	const app = express();
	app.set('trust proxy', options.trustProxy ?? false);
	app.set('etag', false);
	logRequests(app, options.log);
	app.use(measureRequests(metrics), helmet(options.site?.helmet ?? API_HEADERS), checkVersion);
	app.use(refuseSlowBodies(options.slowest ?? SLOWEST));
	app.use((_request, reply, next) => {
		if (options.stopping.aborted) reply.set('Connection', 'close');
		next();
	});
	healthRoutes(app, options.checks ?? {}, metrics, options.metricsToken);
	for (const endpoint of options.endpoints) app[endpoint.method](endpoint.path, ...pipeline(endpoint, options));
	refuseOtherMethods(app, options.endpoints);
	options.site?.mount(app);
	app.use((request) => {
		throw new ApiError('no-such-route', `There is nothing at ${request.method} ${request.path} on this server.`);
	});
	app.use(answerErrors);
	return app;
}

/** Authenticate, then read the body, then the story. */
function pipeline<Context>(endpoint: Endpoint<Context>, options: AppOptions<Context>): RequestHandler[] {
	const { context, stopping } = options;
	const limit = endpoint.bodyLimit ?? LIMITS.jsonBodyBytes;
	const readJson = express.json({ limit, type: 'application/json', verify: requireUtf8 });
	const before: RequestHandler = async (request, reply, next) => {
		reply.locals.route = endpoint.path;
		reply.locals.caller = await endpoint.authenticate?.(request, context);
		if (endpoint.body) requireJson(request);
		next();
	};
	const answer: RequestHandler = async (request, reply) => {
		const result = await endpoint.handle(
			{
				body: endpoint.body && parseAs(endpoint.body, request.body, 'The body'),
				query: endpoint.query && parseAs(endpoint.query, queryOf(request), 'The query'),
				caller: reply.locals.caller,
				request,
				reply,
				get log() {
					return request.log;
				},
				get gone() {
					return goneSignal(reply);
				},
				stopping,
			},
			context,
		);
		if (endpoint.response) reply.status(endpoint.status ?? 200).json(result);
		else if (!reply.headersSent) reply.status(204).end();
	};
	return endpoint.body ? [before, readJson, answer] : [before, answer];
}

function requireJson(request: Request): void {
	const matches = request.get('content-length') === '0' ? null : request.is('application/json');
	if (matches === null) throw new ApiError('bad-request', 'A JSON body is missing; nothing was done.');
	if (matches === false) throw new ApiError('unsupported-type', 'Send the body as application/json.');
}

/** Express would turn broken bytes into U+FFFD, and so into a name that nobody gave. */
function requireUtf8(_request: unknown, _reply: unknown, body: Buffer): void {
	if (!isUtf8(body)) throw new Error('not UTF-8');
}

/** The same for what is in the address. @throws URIError, which becomes `bad-request`. */
function queryOf(request: Request): unknown {
	decodeURIComponent(request.originalUrl.split('?', 2)[1] ?? '');
	return request.query;
}

function goneSignal(reply: Response): AbortSignal {
	const controller = new AbortController();
	const end = () => {
		if (!reply.writableFinished) controller.abort();
	};
	if (reply.destroyed) end();
	else reply.once('close', end);
	return controller.signal;
}

function refuseOtherMethods(app: Express, endpoints: readonly Endpoint<never>[]): void {
	const methods = new Map<string, string[]>();
	for (const { path, method } of endpoints) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
	for (const [path, allowed] of methods) {
		app.all(path, (request: Request, reply: Response, _next: NextFunction) => {
			reply.set('Allow', allowed.join(', '));
			throw new ApiError('method-not-allowed', `${request.method} is not possible here; ${allowed.join(' or ')} is.`);
		});
	}
}

/** One line per request: no query, no headers, no body, because secrets and names travel there. */
