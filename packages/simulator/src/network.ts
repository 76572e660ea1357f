import type {
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
import { type CallOptions, ServerUnreachable, type SyncServer } from '@mydropbox/remote';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Asker, SimServer } from './server.ts';

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
	/** Nothing goes through. */
	cut: boolean;
}

export interface NetworkParts {
	readonly server: SimServer;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly weather: Weather;
	readonly asker: Asker;
	readonly isAlive: () => boolean;
	readonly note: (what: string) => void;
}

/** One device's way to the server. */
export class SimNetwork implements SyncServer {
	readonly #parts: NetworkParts;

	constructor(parts: NetworkParts) {
		this.#parts = parts;
	}

	changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResponse> {
		return this.#call('changes', options, () => this.#parts.server.changes(request));
	}

	missingBlocks(request: MissingBlocksRequest, options?: CallOptions): Promise<MissingBlocksResponse> {
		return this.#call('missing', options, () => this.#parts.server.missingBlocks(request));
	}

	putBlocks(
		_namespace: NamespaceId,
		blocks: readonly FramedBlock[] | AsyncIterable<FramedBlock>,
		options?: CallOptions,
	): Promise<PutBlocksResponse> {
		const list = blocks as readonly FramedBlock[];
		return this.#call('put', options, () => this.#parts.server.putBlocks(list));
	}

	async *getBlocks(request: GetBlocksRequest, options?: CallOptions): AsyncGenerator<FramedBlock, void, undefined> {
		const { random, weather } = this.#parts;
		const blocks = await this.#call('get', options, () => this.#parts.server.getBlocks(request));
		for (const { hash, bytes } of blocks) {
			if (random.chance(weather.lost)) throw this.#unreachable();
			yield { hash, bytes: Uint8Array.from(bytes) };
		}
	}

	contents(request: ContentsRequest, options?: CallOptions): Promise<ContentsResponse> {
		return this.#call('contents', options, () => this.#parts.server.contents(request));
	}

	commit(request: CommitRequest, options?: CallOptions): Promise<CommitResponse> {
		return this.#call('commit', options, () => this.#parts.server.commit(request, this.#parts.asker));
	}

	#unreachable(): ServerUnreachable {
		return new ServerUnreachable('simulated', new Error('nothing arrives'));
	}

	#call<Answer>(name: string, { signal }: CallOptions = {}, serve: () => Promise<Answer>): Promise<Answer> {
		const { random, weather, scheduler, isAlive, note } = this.#parts;
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
			const arrive = async () => {
				if (weather.cut) return fail('cut');
				let tell: () => void;
				try {
					const answer = await serve();
					tell = () => resolve(answer);
					note(`${name} ok`);
				} catch (error) {
					tell = () => reject(error);
					note(`${name} ${(error as Error).message}`);
				}
				if (weather.cut || random.chance(weather.answerLost)) return fail('answer-lost');
				scheduler.after(random.soon(weather.delay), () => settle(tell));
			};
			if (random.chance(weather.lost)) return fail('lost');
			scheduler.after(random.soon(weather.delay), () => void arrive());
			if (random.chance(weather.doubled)) {
				note(`${name} doubled`);
				scheduler.after(random.soon(weather.delay * 20), () => void serve().catch(() => undefined));
			}
		});
	}
}
