import { setTimeout as sleep } from 'node:timers/promises';
import {
	ErrorBody,
	type HeartbeatRequest,
	HeartbeatResponse,
	PROTOCOL_VERSION,
	VERSION_HEADER,
} from '@mydropbox/protocol';
import type { Logger } from '@mydropbox/server-kit';
import { request } from 'undici';
import type { SigningKeys } from '../auth/signing-keys.ts';

export interface HeartbeatOptions {
	/** Origin of the route-server. */
	routeUrl: string;
	clusterSecret: string;
	announcement: Omit<HeartbeatRequest, 'available'>;
	keys: SigningKeys;
	log: Logger;
}

const ANSWER_WITHIN_MS = 5000;
/** While the route-server does not answer. */
const RETRY_SECONDS = 2;

/** Tells the route-server that this data server lives, and learns the signing keys. */
export class Heartbeat {
	readonly #options: HeartbeatOptions;
	#wasHeard: boolean | undefined;

	constructor(options: HeartbeatOptions) {
		this.#options = options;
	}

	/** Beats until `stopping` fires, then says goodbye. Never rejects: without a route-server this one keeps serving. */
	async run(stopping: AbortSignal): Promise<void> {
		while (!stopping.aborted) {
			const seconds = await this.beat().catch(() => RETRY_SECONDS);
			await sleep(seconds * 1000, undefined, { signal: stopping }).catch(() => {});
		}
		await this.#send(false).catch(() => {});
	}

	/** @returns seconds until the next one is expected. */
	async beat(): Promise<number> {
		const { log, keys, routeUrl } = this.#options;
		try {
			const answer = await this.#send(true);
			await keys.replace(answer.keys);
			if (!this.#wasHeard) log.info({ routeUrl }, 'the route-server knows this data server');
			this.#wasHeard = true;
			return answer.interval;
		} catch (error) {
			// Said once, not every two seconds.
			if (this.#wasHeard !== false)
				log.warn({ routeUrl, err: error }, 'the route-server does not take heartbeats; serving goes on');
			this.#wasHeard = false;
			throw error;
		}
	}

	async #send(available: boolean): Promise<HeartbeatResponse> {
		const { routeUrl, clusterSecret, announcement } = this.#options;
		const { statusCode, body } = await request(new URL('/v1/data-servers/heartbeat', routeUrl), {
			method: 'POST',
			headers: {
				authorization: `Bearer ${clusterSecret}`,
				'content-type': 'application/json',
				[VERSION_HEADER]: String(PROTOCOL_VERSION),
			},
			body: JSON.stringify({ ...announcement, available } satisfies HeartbeatRequest),
			signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
		});
		const answer = await body.json();
		if (statusCode === 200) return HeartbeatResponse.parse(answer);
		throw new Error(ErrorBody.safeParse(answer).data?.error.message ?? `the route-server answered ${statusCode}`);
	}
}
