import { IdleMemory } from '../idle-memory.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import type { CreateEngine } from './engine.ts';
import { Home } from './home.ts';
import { openLog } from './log.ts';
import { UserError } from './user-error.ts';

/** What the daemon's process tells the one that started it, once. A crash tells nothing; its log does. */
export type StartMessage =
	| { readonly type: 'ready' }
	| { readonly type: 'failed'; readonly message: string; readonly nextStep: string };

/** What is being written gets this long to finish; after that, going down hard is safe too, only less tidy. */
const STOP_DEADLINE_MS = 30_000;

/** The life of a daemon as a process of its own, without a terminal. */
export async function runDaemonProcess(homeDir: string, createEngine: CreateEngine): Promise<void> {
	const home = new Home(homeDir);
	home.create();
	const log = openLog(home);
	process.on('uncaughtException', (error) => {
		log.fatal({ err: error }, 'crashed');
		console.error(error);
		process.exit(70);
	});
	let daemon: Daemon;
	try {
		daemon = await startDaemon({ home, createEngine, log });
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		await tell({ type: 'failed', message: error.message, nextStep: error.nextStep });
		process.exit(1);
	}
	const memory = new IdleMemory();
	daemon.onStatus(() => memory.working());
	stopOnSignals(daemon);
	await tell({ type: 'ready' });
	await daemon.stopped;
	process.exit(0);
}

/** A second signal, or a stop that takes too long, ends the process at once. */
export function stopOnSignals(daemon: Daemon): void {
	let stopping = false;
	const stop = () => {
		if (stopping) process.exit(1);
		stopping = true;
		setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
		void daemon.stop();
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

async function tell(message: StartMessage): Promise<void> {
	if (!process.send) return;
	await new Promise((resolve) => process.send!(message, resolve));
	if (process.connected) process.disconnect();
}
