import type { DataServerId, SignUpRequest } from '@mydropbox/protocol';
import type { EngineUnderTest } from '@mydropbox/testkit';
import { type Central, openCentral, recordHeartbeat } from '../src/index.ts';

export const QUOTA = 1000;
export const IP = '192.0.2.1';

/** A central database of its own, on a clock that moves only when told. */
export class World {
	time = Date.parse('2026-11-20T12:00:00Z');
	readonly url: string;
	#central: Central | undefined;

	constructor(engine: EngineUnderTest) {
		this.url = engine.freshUrl();
	}

	async open(): Promise<this> {
		this.#central = await openCentral({ url: this.url, quota: QUOTA, now: () => this.time });
		return this;
	}

	get central(): Central {
		return this.#central as Central;
	}

	close(): Promise<void> {
		return this.central.close();
	}

	/** A heartbeat of a data server with room for so many users. */
	async beat(id: string, users: number, available = true): Promise<void> {
		const address = { ipAddr: '127.0.0.1', listeningPort: 8082, publicUrl: null };
		await recordHeartbeat(this.central, { id: id as DataServerId, maxCapacity: users * QUOTA, available, ...address });
	}

	advance(seconds: number): void {
		this.time += seconds * 1000;
	}
}

export const account = (username: string, more: Partial<SignUpRequest> = {}): SignUpRequest => ({
	username,
	email: `${username}@example.org`,
	password: `password of ${username}`,
	...more,
});

/** The code of the ApiError that it fails with. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
	promise.then(
		() => 'none',
		(error: { code?: string }) => error.code ?? String(error),
	);
