import { setTimeout } from 'node:timers/promises';
import { ApiError } from '@mydropbox/protocol';
import { isPassing } from './errors.ts';
import type { SyncServer } from './port.ts';
import { repeating } from './repeating.ts';

export interface RetryOptions {
	/** Attempts in all. */
	readonly attempts?: number;
	/** Longest pause before the second attempt, milliseconds; it doubles from one to the next. */
	readonly pauseMs?: number;
	readonly random?: () => number;
	/** Resolves after the time; rejects when the signal fires. */
	readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Gets over what passes by itself: a dropped connection, a server that restarts. Real outages are the caller's to bear. */
export function withRetry(server: SyncServer, options: RetryOptions = {}): SyncServer {
	const { attempts = 3, pauseMs = 500, random = Math.random, sleep = sleepFor } = options;
	return repeating(async ({ number, failure, signal }) => {
		if (number > 0) {
			if (number >= attempts || !isPassing(failure)) throw failure;
			const jittered = random() * pauseMs * 2 ** (number - 1);
			const asked = failure instanceof ApiError && failure.retryAfter ? failure.retryAfter * 1000 : 0;
			if (asked > LONGEST_PAUSE_MS) throw failure;
			await sleep(Math.max(jittered, asked), signal);
		}
		return server;
	});
}

const LONGEST_PAUSE_MS = 10_000;

async function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
	await setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
