import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import type { Home } from './home.ts';
import { DaemonStatus, Excluded } from './status.ts';
import { UserError } from './user-error.ts';

type Request =
	| 'GET /status'
	| 'POST /pause'
	| 'POST /resume'
	| 'POST /confirm'
	| 'POST /undo'
	| 'POST /stop'
	| 'POST /settle';

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Asks the daemon of this home.
 * @returns its status, as the request says, or undefined when no daemon listens there.
 */
export async function askDaemon(home: Home, what: Request, signal?: AbortSignal): Promise<DaemonStatus | undefined> {
	const timeout = what === 'POST /settle' ? undefined : AbortSignal.timeout(ANSWER_TIMEOUT_MS);
	const signals = [signal, timeout].filter((each) => each !== undefined);
	return ask(home, what, '', AbortSignal.any(signals), DaemonStatus);
}

/** As `askDaemon`. @returns all that is excluded after it. @throws UserError with what is wrong with the paths. */
export const askExcluded = (
	home: Home,
	what: 'POST /exclude' | 'POST /include',
	paths: readonly string[],
): Promise<z.infer<typeof Excluded> | undefined> =>
	ask(home, what, JSON.stringify(paths), AbortSignal.timeout(ANSWER_TIMEOUT_MS), Excluded);

async function ask<T>(
	home: Home,
	what: string,
	body: string,
	signal: AbortSignal,
	schema: z.ZodType<T>,
): Promise<T | undefined> {
	const answered = await send(home, what, body, signal);
	if (!answered) return undefined;
	const answer: unknown = JSON.parse(answered.body);
	if (answered.status === 200) return schema.parse(answer);
	const { error, nextStep } = answer as { error?: string; nextStep?: string };
	if (error !== undefined && nextStep !== undefined) throw new UserError(error, nextStep);
	throw new Error(error ?? `The daemon answered ${answered.status}.`);
}

function send(
	home: Home,
	what: string,
	body: string,
	signal: AbortSignal,
): Promise<{ status: number; body: string } | undefined> {
	const [method, path] = what.split(' ') as [string, string];
	return new Promise((resolve, reject) => {
		const fail = (error: NodeJS.ErrnoException) => {
			if (signal.aborted) reject(isTimeout(signal.reason) ? noAnswer() : signal.reason);
			else if (error.code && NOBODY.has(error.code)) resolve(undefined);
			else reject(error);
		};
		request({ socketPath: home.socket, method, path, signal, agent: false }, (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), fail);
		})
			.on('error', fail)
			.end(body);
	});
}

const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError';

const noAnswer = (): UserError =>
	new UserError(
		`The daemon of this device does not answer for ${ANSWER_TIMEOUT_MS / 1000} seconds.`,
		'Try it again in a moment: it may have very much to do. `mydropbox logs` shows what it did last.',
	);

/** Nobody listens, or whoever did is gone in the middle of it. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
