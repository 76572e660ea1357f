import type {
	AnnounceRequest,
	ChangesRequest,
	ChangesResponse,
	CommitRequest,
	CommitResponse,
	ContentsRequest,
	ContentsResponse,
	GetBlocksRequest,
	MissingBlocksRequest,
	MissingBlocksResponse,
	NamespaceId,
	PutBlocksResponse,
} from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import { type CallOptions, Grants, ServerUnreachable, type SyncServer, withFreshToken } from '@mydropbox/remote';
import type { Count } from './effects.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Asker, SimServer } from './server/server.ts';

/** How the way to the server is at the moment; probabilities per call. */
export interface Weather {
	/** Mean of one way, milliseconds. */
	delay: number;
	/** The request never arrives. */
	lost: number;
	/** The server does it, and the answer never arrives. */
	answerLost: number;
	/** The request arrives a second time, later. */
	doubled: number;
	/** Why nothing goes through. */
	cut: 'partition' | 'server-restart' | 'server-restored' | null;
}

export interface NetworkParts {
	readonly server: SimServer;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly weather: Weather;
	readonly asker: Asker;
	readonly isAlive: () => boolean;
	readonly note: (what: string) => void;
	readonly count: Count;
}

/** One device's way to the server, under one token. */
export class SimNetwork implements SyncServer {
	readonly #parts: NetworkParts;
	readonly #token: string | null;
	/** Requests so far, and the latest of them that has arrived. */
	readonly #order: { sent: number; arrived: number };

	constructor(parts: NetworkParts, token: string | null = null, order = { sent: 0, arrived: 0 }) {
		this.#parts = parts;
		this.#token = token;
		this.#order = order;
	}

	/** As a daemon uses it: with tokens that expire and are asked for again. */
	signedIn(): SyncServer {
		const { server, scheduler, asker } = this.#parts;
		const route = { tokens: () => this.#call('tokens', {}, () => server.tokens(asker)) };
		const grants = new Grants(route, 'a refresh token', () => scheduler.now);
		return withFreshToken(grants, ({ token }) => new SimNetwork(this.#parts, token, this.#order));
	}

	changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResponse> {
		return this.#call('changes', options, () => this.#server().changes(request, this.#parts.asker));
	}

	missingBlocks(request: MissingBlocksRequest, options?: CallOptions): Promise<MissingBlocksResponse> {
		return this.#call('missing', options, () => this.#server().missingBlocks(request));
	}

	putBlocks(
		_namespace: NamespaceId,
		blocks: readonly FramedBlock[] | AsyncIterable<FramedBlock>,
		options?: CallOptions,
	): Promise<PutBlocksResponse> {
		const list = [...(blocks as readonly FramedBlock[])].map(({ hash, bytes }) => ({ hash, bytes: bytes.slice() }));
		return this.#call('put', options, () => this.#server().putBlocks(list));
	}

	announce(request: AnnounceRequest, options?: CallOptions): Promise<void> {
		return this.#call('announce', options, () => this.#server().announce(request, this.#parts.asker));
	}

	async *getBlocks(request: GetBlocksRequest, options?: CallOptions): AsyncGenerator<FramedBlock, void, undefined> {
		const { random, weather } = this.#parts;
		const blocks = await this.#call('get', options, () => this.#server().getBlocks(request));
		for (const { hash, bytes } of blocks) {
			if (random.chance(weather.lost)) throw this.#unreachable();
			yield { hash, bytes };
		}
	}

	contents(request: ContentsRequest, options?: CallOptions): Promise<ContentsResponse> {
		return this.#call('contents', options, () => this.#server().contents(request));
	}

	commit(request: CommitRequest, options?: CallOptions): Promise<CommitResponse> {
		return this.#call('commit', options, () => this.#server().commit(request, this.#parts.asker));
	}

	/** @throws ApiError `token-expired` */
	#server(): SimServer {
		const { server, count } = this.#parts;
		try {
			server.check(this.#token);
		} catch (error) {
			count('token-expired');
			throw error;
		}
		return server;
	}

	#unreachable(): ServerUnreachable {
		return new ServerUnreachable('simulated', new Error('nothing arrives'));
	}

	#call<Answer>(name: string, { signal }: CallOptions = {}, serve: () => Promise<Answer>): Promise<Answer> {
		const { random, weather, scheduler, isAlive, note, count } = this.#parts;
		return new Promise<Answer>((resolve, reject) => {
			if (signal?.aborted) {
				reject(signal.reason);
				return;
			}
			const giveUp = () => settle(() => reject(signal!.reason));
			signal?.addEventListener('abort', giveUp, { once: true });
			let settled = false;
			const settle = (tell: () => void) => {
				if (settled || !isAlive()) return;
				settled = true;
				signal?.removeEventListener('abort', giveUp);
				tell();
			};
			const fail = (why: string) => {
				note(`${name} ${why}`);
				scheduler.after(random.soon(weather.delay), () => settle(() => reject(this.#unreachable())));
			};
			const number = ++this.#order.sent;
			const arrive = async () => {
				if (weather.cut) {
					count(weather.cut);
					return fail('cut');
				}
				if (number < this.#order.arrived) count('request-overtaken');
				this.#order.arrived = Math.max(this.#order.arrived, number);
				let tell: () => void;
				try {
					const answer = await serve();
					tell = () => resolve(answer);
					note(`${name} ok`);
				} catch (error) {
					tell = () => reject(error);
					note(`${name} ${(error as Error).message}`);
				}
				if (weather.cut || random.chance(weather.answerLost)) {
					count('answer-lost');
					return fail('answer-lost');
				}
				scheduler.after(random.soon(weather.delay), () => settle(tell));
			};
			if (random.chance(weather.lost)) {
				count('request-lost');
				return fail('lost');
			}
			scheduler.after(random.soon(weather.delay), () => void arrive());
			if (random.chance(weather.doubled)) {
				note(`${name} doubled`);
				scheduler.after(random.soon(weather.delay * 20), () => {
					if (weather.cut) return;
					count('request-doubled');
					void (async () => serve())().catch(() => undefined);
				});
			}
		});
	}
}
