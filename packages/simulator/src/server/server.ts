import { Arrivals, type Grant, Notifier } from '@mydropbox/data-server';
import {
	AnnounceRequest,
	ApiError,
	ChangesRequest,
	type ChangesResponse,
	type CommitRequest,
	type CommitResponse,
	CommitRequest as CommitSchema,
	type ContentsRequest,
	type ContentsResponse,
	type DataServerId,
	type DeviceId,
	type GetBlocksRequest,
	type MissingBlocksRequest,
	type MissingBlocksResponse,
	type PutBlocksResponse,
	type TokensResponse,
} from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { Commits } from '../commits.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ServerData } from './port.ts';

const TOKEN_SECONDS = 15 * 60;

/** Who asks. */
export interface Asker {
	readonly device: DeviceId;
	readonly deviceName: string;
}

export interface SimServerOptions {
	readonly scheduler: Scheduler;
	readonly now: () => Date;
	/** Sees all that is answered. */
	readonly commits: Commits;
}

/** A data server without its HTTP. What is durable in it survives a restart, as the real one's does. */
export class SimServer {
	readonly data: ServerData;
	readonly grant: Grant;
	readonly #scheduler: Scheduler;
	readonly #now: () => Date;
	readonly #good = new Map<string, number>();
	readonly #commits: Commits;
	#tokens = 0;
	#notifier = new Notifier();
	#arrivals: Arrivals;

	constructor(data: ServerData, grant: Grant, { scheduler, now, commits }: SimServerOptions) {
		this.data = data;
		this.grant = grant;
		this.#scheduler = scheduler;
		this.#now = now;
		this.#commits = commits;
		this.#arrivals = new Arrivals(now);
	}

	/** Only what is in memory is new. */
	restart(): void {
		this.data.restart();
		this.#notifier = new Notifier();
		this.#arrivals = new Arrivals(this.#now);
	}

	/** A new access token, for as long as real ones are good. */
	async tokens({ device }: Asker): Promise<TokensResponse> {
		const token = `${device} ${++this.#tokens}`;
		this.#good.set(token, this.#scheduler.now + TOKEN_SECONDS * 1000);
		const namespaces = [{ id: this.grant.id, kind: 'root' as const, rights: this.grant.rights }];
		const where = { dataServer: 'simulated' as DataServerId, url: 'http://simulated', available: true };
		return { grants: [{ ...where, token, expiresIn: TOKEN_SECONDS, namespaces }] };
	}

	/** The tokens that were given out are no longer good. */
	expireTokens(): void {
		this.#good.clear();
	}

	/** @throws ApiError `token-expired` */
	check(token: string | null): void {
		if (this.#scheduler.now > (this.#good.get(token ?? '') ?? 0))
			throw new ApiError('token-expired', 'The token has expired.');
	}

	/** @returns what goes back to this moment, as a person does who restores a backup and begins a new epoch. */
	async backUp(): Promise<() => Promise<void>> {
		const restore = await this.data.backUp();
		return async () => {
			await restore();
			this.restart();
		};
	}

	async changes(request: ChangesRequest, { device }: Asker): Promise<ChangesResponse> {
		const { cursors, limit, waitMs, arrivalsAfter } = ChangesRequest.parse(request);
		const [cursor] = cursors;
		const namespaces = [this.grant.id];
		const answer = async (): Promise<ChangesResponse> => {
			const arrivals = this.#arrivals.news(namespaces, device, arrivalsAfter);
			const news = await this.data.news(cursor!, limit);
			return { namespaces: news ? [news] : [], ...(arrivals ? { arrivals } : {}) };
		};
		const subscription = this.#notifier.subscribe(namespaces, arrivalsAfter === undefined ? undefined : device);
		try {
			const now = await answer();
			if (now.namespaces.length > 0 || now.arrivals || waitMs === 0) return now;
			const timeout = Promise.withResolvers<void>();
			const cancel = this.#scheduler.after(waitMs, timeout.resolve);
			await Promise.race([subscription.changed, timeout.promise]);
			cancel();
			return await answer();
		} finally {
			subscription.close();
		}
	}

	async announce(request: AnnounceRequest, { device }: Asker): Promise<void> {
		const { namespace, ...part } = AnnounceRequest.parse(request);
		const notifier = this.#notifier;
		if (this.#arrivals.add(namespace, device, part))
			this.#scheduler.after(0, () => notifier.notifyOfArrival(namespace, device));
	}

	async missingBlocks({ hashes }: MissingBlocksRequest): Promise<MissingBlocksResponse> {
		return { missing: await this.data.missing(hashes) };
	}

	putBlocks(blocks: readonly FramedBlock[]): Promise<PutBlocksResponse> {
		return this.data.put(blocks);
	}

	getBlocks({ hashes }: GetBlocksRequest): Promise<FramedBlock[]> {
		return this.data.get(hashes);
	}

	async contents({ hashes }: ContentsRequest): Promise<ContentsResponse> {
		return { contents: await this.data.contents(hashes) };
	}

	async commit(request: CommitRequest, { device, deviceName }: Asker): Promise<CommitResponse> {
		const committer = { grant: this.grant, device, deviceName, at: this.#now() };
		const answer = await this.data.commit(committer, CommitSchema.parse(request));
		this.#commits.answered(deviceName, request, answer);
		const done = request.operations.filter((_, index) => answer.results[index]!.ok).map(({ id }) => id);
		this.#arrivals.committed(request.namespace, done);
		const notifier = this.#notifier;
		// In a step of its own: those who wait never overtake the answer, however fast the data is.
		if (answer.results.some(({ ok }) => ok)) this.#scheduler.after(0, () => notifier.notify(request.namespace));
		return answer;
	}
}
