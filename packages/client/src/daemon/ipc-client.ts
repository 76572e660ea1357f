import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Home } from './home.ts';
import { DaemonStatus } from './status.ts';

type Request = 'GET /status' | 'POST /pause' | 'POST /resume' | 'POST /stop' | 'POST /settle';

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Asks the daemon of this home.
 * @returns its status after what was asked, or undefined when no daemon listens there.
 */
export async function askDaemon(home: Home, what: Request, signal?: AbortSignal): Promise<DaemonStatus | undefined> {
	const [method, path] = what.split(' ') as [string, string];
	const timeout = what === 'POST /settle' ? undefined : AbortSignal.timeout(ANSWER_TIMEOUT_MS);
	const signals = [signal, timeout].filter((each) => each !== undefined);
	const answered = await send(home, method, path, AbortSignal.any(signals));
	if (!answered) return undefined;
	const body: unknown = JSON.parse(answered.body);
	if (answered.status === 200) return DaemonStatus.parse(body);
	throw new Error((body as { error?: string }).error ?? `The daemon answered ${answered.status}.`);
}

function send(
	home: Home,
	method: string,
	path: string,
	signal: AbortSignal,
): Promise<{ status: number; body: string } | undefined> {
	return new Promise((resolve, reject) => {
		const fail = (error: NodeJS.ErrnoException) => {
			if (signal.aborted) reject(signal.reason);
			else if (error.code && NOBODY.has(error.code)) resolve(undefined);
			else reject(error);
		};
		request({ socketPath: home.socket, method, path, signal, agent: false }, (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), fail);
		})
			.on('error', fail)
			.end();
	});
}

/** Nobody listens, or whoever did is gone in the middle of it. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
