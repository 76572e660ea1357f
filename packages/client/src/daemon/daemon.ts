import { rmSync, writeFileSync } from 'node:fs';
import { ByteMeter, DataApi, Grants, RouteApi, type SyncServer, withFreshToken, withRetry } from '@mydropbox/remote';
import type { Logger } from 'pino';
import { type Config, requireConfig, requireCredentials } from './config.ts';
import type { CreateEngine, Engine, EngineStatus } from './engine.ts';
import { excludedFile } from './excluded-file.ts';
import type { Home } from './home.ts';
import { listen } from './ipc-server.ts';
import { takeLock } from './lock.ts';
import { runningStatus } from './status.ts';
import { UserError } from './user-error.ts';

export interface DaemonOptions {
	readonly home: Home;
	readonly createEngine: CreateEngine;
	readonly log: Logger;
}

/** A running daemon: an engine, and a socket by which it is steered. */
export interface Daemon {
	onStatus(listener: (status: EngineStatus) => void): () => void;
	/** Begins to stop, or goes on with it; resolves when all is stopped and the lock is free. */
	stop(): Promise<void>;
	/** Resolves when it has stopped, whoever asked for it. */
	readonly stopped: Promise<void>;
}

const MEND = 'When that is mended, start again. More is in the log: mydropbox logs';

/** Starts the daemon of a home in this process. Rejects with what is wrong; then nothing is left running. */
export async function startDaemon({ home, createEngine, log }: DaemonOptions): Promise<Daemon> {
	const config = requireConfig(home);
	const { refreshToken } = requireCredentials(home);
	home.create();
	const freeLock = takeLock(home.lock);
	if (!freeLock) throw new UserError('The daemon is running already.', 'See what it does with: mydropbox status');
	writeFileSync(home.pid, String(process.pid));

	const meter = new ByteMeter();
	const { folder, deviceName, namespace, massDeletes } = config;
	const engine = createEngine({
		folder,
		stateDir: home.state,
		excludedFile: excludedFile(home.excluded),
		deviceName,
		namespace,
		massDeletes,
		server: connect(config, refreshToken, meter),
		traffic: meter,
		log,
	});
	const stopped = Promise.withResolvers<void>();
	let stopping: Promise<void> | undefined;
	const stop = (): Promise<void> => {
		stopping ??= shutDown();
		return stopping;
	};
	const socket = await listen(home, {
		status: () => runningStatus(config, engine.status()),
		pause: () => engine.pause(),
		resume: () => engine.resume(),
		exclude: (paths) => engine.exclude(paths),
		include: (paths) => engine.include(paths),
		confirmDeletes: () => engine.confirmDeletes(),
		undoDeletes: () => engine.undoDeletes(),
		stop: () => void stop(),
		settled: async (signal) => runningStatus(config, await engine.settled(signal)),
	}).catch((error) => {
		freeLock();
		throw error;
	});

	async function shutDown(): Promise<void> {
		log.info('stopping');
		try {
			await engine.stop();
		} finally {
			socket.close();
			rmSync(home.pid, { force: true });
			log.info('stopped');
			freeLock!();
			stopped.resolve();
		}
	}

	try {
		await start(engine, config, log);
	} catch (error) {
		log.error({ err: error }, 'could not start');
		await stop();
		throw error instanceof UserError ? error : new UserError((error as Error).message, MEND, { cause: error });
	}
	return { onStatus: (listener) => engine.onStatus(listener), stop, stopped: stopped.promise };
}

/** With each change of the state; more would fill the log. */
const PROBLEMS_LOGGED = 20;

async function start(engine: Engine, { folder, server, username }: Config, log: Logger): Promise<void> {
	log.info({ pid: process.pid, node: process.version, folder, server, username }, 'starting');
	let last: string | undefined;
	engine.onStatus(({ state, problems, problemCount }) => {
		const logged = problems.slice(0, PROBLEMS_LOGGED);
		const news = JSON.stringify([state, problemCount, logged]);
		if (news === last) return;
		last = news;
		log.info({ state, ...(problemCount > 0 ? { problemCount, problems: logged } : {}) }, 'state');
	});
	await engine.start();
}

function connect({ server }: Config, refreshToken: string, meter: ByteMeter): SyncServer {
	const grants = new Grants(new RouteApi(server), refreshToken);
	return withRetry(withFreshToken(grants, ({ url, token }) => new DataApi(url, { token, meter })));
}
