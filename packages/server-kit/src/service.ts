import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { z } from 'zod';
import { type Config, defineSettings, MetricsToken, Port, readConfig, type Settings } from './config.ts';
import { closeServer, listen } from './http/listen.ts';
import { createLog, LOG_LEVELS, type Logger } from './log.ts';
import { StartupError } from './startup-error.ts';

/** A connection on which nothing moves is cut. Longer than the longest wait for changes. */
const SILENCE_MS = 120_000;
/** Longer than load balancers keep idle connections, so that they never send into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;

/** The longest path there is, 200 names of 255 bytes, fits in an address with each byte written as %XX. Node's own is 16 KiB. */
const HEADER_BYTES = 192 * 1024;

/** Settings that every server has; `port` is added by each with its own default. */
const COMMON = defineSettings({
	host: { schema: z.string().min(1).default('127.0.0.1'), help: 'address to listen on', example: 'address' },
	logLevel: { schema: z.enum(LOG_LEVELS).default('info'), help: 'how much to log', example: 'level' },
	metricsToken: MetricsToken,
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
	/** How to close what is open, in the order in which it was opened. */
	const open: (() => Promise<void>)[] = [];
	const closeAll = async (): Promise<void> => {
		stopping.abort();
		for (let close = open.pop(); close; close = open.pop()) await close();
	};
	endWithParentOrSignal(log, closeAll);

	const service = await start(config, { log, stopping: stopping.signal });
	open.push(service.close);
	const server = createServer({ maxHeaderSize: HEADER_BYTES }, service.app);
	// The time of a whole upload depends on the line, so only silence ends a connection.
	server.requestTimeout = 0;
	server.setTimeout(SILENCE_MS);
	server.keepAliveTimeout = KEEP_ALIVE_MS;
	await listen(server, host, port).catch(async (error: unknown) => {
		await closeAll();
		throw error;
	});
	open.push(() => closeServer(server));

	const actual = (server.address() as AddressInfo).port;
	log.info({ host, port: actual }, 'ready');
	service.listening?.(actual);
	process.send?.({ type: 'ready', name, port: actual });
}

/** From the first moment on: a process whose parent died while it waited for its database must not stay behind. */
function endWithParentOrSignal(log: Logger, closeAll: () => Promise<void>): void {
	let ending = false;
	const end = (reason: string): void => {
		if (ending) return;
		ending = true;
		log.info({ reason }, 'stopping');
		closeAll().then(
			() => {
				log.info('stopped');
				process.exit(0);
			},
			(error: unknown) => {
				log.fatal({ err: error }, 'could not stop cleanly');
				process.exit(1);
			},
		);
	};
	process.on('SIGTERM', end);
	process.on('SIGINT', end);
	process.on('disconnect', () => end('the supervisor is gone'));
	process.on('uncaughtException', (error) => {
		log.fatal({ err: error }, 'unexpected error; the process ends and has to be started again');
		process.exit(1);
	});
}
