import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Excluded } from './engine.ts';
import type { Home } from './home.ts';
import type { DaemonStatus } from './status.ts';
import { UserError } from './user-error.ts';

/** What the command line may ask of the running daemon. */
export interface Steering {
	status(): DaemonStatus;
	pause(): void;
	resume(): void;
	confirmDeletes(): void;
	undoDeletes(): void;
	exclude(paths: readonly string[]): readonly Excluded[];
	include(paths: readonly string[]): readonly Excluded[];
	/** Returns at once; the daemon ends when all is stopped. */
	stop(): void;
	settled(signal: AbortSignal): Promise<DaemonStatus>;
}

type Answer = DaemonStatus | readonly Excluded[];
/** @param body as it came; '' when there was none. */
type Action = (steering: Steering, signal: AbortSignal, body: string) => Answer | Promise<Answer>;

const Paths = z.array(z.string());
const pathsOf = (body: string): string[] => Paths.parse(JSON.parse(body));

const ACTIONS: Record<string, Action> = {
	'GET /status': (steering) => steering.status(),
	'POST /pause': (steering) => {
		steering.pause();
		return steering.status();
	},
	'POST /resume': (steering) => {
		steering.resume();
		return steering.status();
	},
	/** Both answer with the status of the moment before: what it says is held was meant. */
	'POST /confirm': (steering) => {
		const status = steering.status();
		steering.confirmDeletes();
		return status;
	},
	'POST /undo': (steering) => {
		const status = steering.status();
		steering.undoDeletes();
		return status;
	},
	'POST /exclude': (steering, _signal, body) => steering.exclude(pathsOf(body)),
	'POST /include': (steering, _signal, body) => steering.include(pathsOf(body)),
	'POST /stop': (steering) => {
		const status = steering.status();
		setImmediate(() => steering.stop());
		return status;
	},
	/** Answers when there is nothing left to do. */
	'POST /settle': (steering, signal) => steering.settled(signal),
};

/**
 * Listens on a socket that only this user can open. The caller holds the home's lock, so a socket that is there
 * already was left by a daemon that crashed.
 */
export async function listen(home: Home, steering: Steering): Promise<{ close(): void }> {
	const path = home.socket;
	const server = createServer((request, response) => void answer(steering, request, response));
	if (process.platform !== 'win32') {
		prepareDirectory(home, dirname(path));
		rmSync(path, { force: true });
	}
	await bind(server, path);
	return {
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}

function prepareDirectory(home: Home, dir: string): void {
	if (dir === home.dir) return;
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const { uid, mode } = lstatSync(dir);
	if (uid === process.getuid?.() && (mode & 0o077) === 0) return;
	throw new UserError(
		`${dir} belongs to somebody else or is open to others.`,
		'Remove it, or choose a shorter --home.',
	);
}

async function bind(server: Server, path: string): Promise<void> {
	const umask = process.umask(0o177);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(path, resolve);
		});
	} finally {
		process.umask(umask);
	}
	if (process.platform !== 'win32') chmodSync(path, 0o600);
}

async function answer(steering: Steering, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const action = ACTIONS[`${request.method} ${request.url}`];
	const gone = new AbortController();
	response.on('close', () => gone.abort(new Error('The command line went away.')));
	try {
		if (!action) response.writeHead(404).end();
		else send(response, 200, await action(steering, gone.signal, await text(request)));
	} catch (error) {
		if (error instanceof UserError) send(response, 422, { error: error.message, nextStep: error.nextStep });
		else send(response, 500, { error: (error as Error).message });
	}
}

function send(response: ServerResponse, status: number, body: unknown): void {
	if (response.destroyed) return;
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
