import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { z } from 'zod';
import { type Config, defineSettings, Port, readConfig, type Settings } from './config.ts';
import { createLog, LOG_LEVELS, type Logger } from './log.ts';
import { StartupError } from './startup-error.ts';

/** How long requests in flight may take to end when the server stops. */
const GRACE_MS = 10_000;
/** A connection on which nothing moves is cut. Longer than the longest wait for changes. */
const SILENCE_MS = 120_000;

/** Settings that every server has; `port` is added by each with its own default. */
const COMMON = defineSettings({
	host: { schema: z.string().min(1).default('127.0.0.1'), help: 'address to listen on', example: 'address' },
	logLevel: { schema: z.enum(LOG_LEVELS).default('info'), help: 'how much to log', example: 'level' },
});
export const portSetting = (standard: number) => ({
	schema: Port.default(standard),
	help: 'port to listen on',
	example: 'port',
});

type WithCommon<S extends Settings> = Config<S & typeof COMMON>;

export interface Service {
	app: Express;
	/** Called once when requests can come in. */
	listening?: (port: number) => void;
	/** Called when no request is in flight any more. */
	close: () => Promise<void>;
}

export interface ServiceDefinition<S extends Settings> {
	name: string;
	description: string;
	settings: S & { port: ReturnType<typeof portSetting> };
	/** Opens what the server needs. `stopping` fires first when it is told to stop. */
	start: (config: WithCommon<S>, tools: { log: Logger; stopping: AbortSignal }) => Promise<Service>;
}

/**
 * The life of a server process: configure, start, listen, tell the parent, serve, and on SIGTERM, SIGINT or the end
 * of the parent finish what is in flight and exit with 0. What prevents the start is said plainly: exit 1, or 2 for
 * the command line.
 */
export async function runService<S extends Settings>(definition: ServiceDefinition<S>): Promise<void> {
	try {
		await run(definition);
	} catch (error) {
		const message = error instanceof StartupError ? error.message : (error as Error).stack;
		process.stderr.write(`${definition.name} cannot start. ${message}\n`);
		process.exit(error instanceof StartupError ? error.exitCode : 1);
	}
}

async function run<S extends Settings>({ name, description, settings, start }: ServiceDefinition<S>): Promise<void> {
	const all = { ...COMMON, ...settings };
	const config = readConfig(`mydropbox-${name}`, description, all, process.argv.slice(2), process.env) as WithCommon<S>;
	const { host, port, logLevel } = config as Config<typeof COMMON & { port: { schema: typeof Port; help: string } }>;
	const log = createLog(name, logLevel);
	const stopping = new AbortController();
	const service = await start(config, { log, stopping: stopping.signal });
	const server = createServer(service.app);
	// The time of a whole upload depends on the line, so only silence ends a connection.
	server.requestTimeout = 0;
	server.setTimeout(SILENCE_MS);
	server.keepAliveTimeout = 65_000;
	try {
		await listen(server, host, port);
	} catch (error) {
		await service.close();
		throw error;
	}
	const actual = (server.address() as AddressInfo).port;

	let told = false;
	const stop = async (reason: string): Promise<void> => {
		if (told) return;
		told = true;
		log.info({ reason }, 'stopping');
		stopping.abort();
		await closeServer(server);
		await service.close();
		log.info('stopped');
		process.exit(0);
	};
	const stopOrDie = (reason: string) => {
		stop(reason).catch((error: unknown) => {
			log.fatal({ err: error }, 'could not stop cleanly');
			process.exit(1);
		});
	};
	process.on('SIGTERM', stopOrDie);
	process.on('SIGINT', stopOrDie);
	process.on('disconnect', () => stopOrDie('the supervisor is gone'));
	process.on('uncaughtException', (error) => {
		log.fatal({ err: error }, 'unexpected error; the process ends and has to be started again');
		process.exit(1);
	});

	log.info({ host, port: actual }, 'ready');
	service.listening?.(actual);
	process.send?.({ type: 'ready', name, port: actual });
}

/** @throws StartupError that names the port and what to do. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', reject);
	server.listen(port, host, resolve);
	try {
		await promise;
	} catch (error) {
		throw new StartupError(explainListen(error as NodeJS.ErrnoException, host, port), { cause: error });
	} finally {
		server.off('error', reject);
	}
}

function explainListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
	if (code === 'EADDRINUSE') {
		return `Port ${port} on ${host} is in use by another program. Stop that program, or choose another port with --port.`;
	}
	if (code === 'EACCES') return `This user may not listen on port ${port}. Choose one above 1023 with --port.`;
	if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
		return `This machine has no address ${host}. Choose another one with --host.`;
	}
	return `Cannot listen on ${host} port ${port}: ${message}`;
}

/** Takes no new request, lets those in flight end, and after a while ends them. */
export async function closeServer(server: Server, graceMs = GRACE_MS): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	const idle = setInterval(() => server.closeIdleConnections(), 50);
	const enough = setTimeout(() => server.closeAllConnections(), graceMs);
	await closed;
	clearInterval(idle);
	clearTimeout(enough);
}
