import { Readable } from 'node:stream';
import {
	type AnnounceRequest,
	ApiError,
	type BlockHash,
	type ChangesRequest,
	ChangesResponse,
	type CommitRequest,
	CommitResponse,
	type ContentQuery,
	type ContentsRequest,
	ContentsResponse,
	type DeletedTreeRequest,
	DeletedTreeResponse,
	type GetBlocksRequest,
	type ListingRequest,
	ListingResponse,
	type MissingBlocksRequest,
	MissingBlocksResponse,
	type NamespaceId,
	type PathsRequest,
	PathsResponse,
	PutBlocksResponse,
	type TrashRequest,
	TrashResponse,
	UsageResponse,
	type VersionsRequest,
	VersionsResponse,
} from '@mydropbox/protocol';
import { BLOCKS_MEDIA_TYPE, decodeFrames, encodeFrames, type FramedBlock, readOnce } from '@mydropbox/protocol/content';
import type { Dispatcher } from 'undici';
import { type ContentAnswer, type ContentOptions, openContent } from './content.ts';
import { UnexpectedAnswer } from './errors.ts';
import { Http } from './http.ts';
import { type Meter, NO_METER } from './meter.ts';
import type { CallOptions, GetBlocksOptions, PutBlocksOptions, SyncServer } from './port.ts';

export interface DataApiOptions {
	/** Access token for this data server. */
	readonly token: string;
	readonly agent?: Dispatcher | undefined;
	readonly meter?: Meter | undefined;
}

/** What a long poll may take beyond the time it asked for. */
const LONG_POLL_MARGIN_MS = 15_000;
const BODY_BUFFER_BYTES = 1024 * 1024;
/** Making 64 MiB durable on a busy disk. */
const STORING_PATIENCE_MS = 120_000;

/** One data server, with one access token. */
export class DataApi implements SyncServer {
	readonly #http: Http;
	readonly #token: string;
	readonly #meter: Meter;

	constructor(origin: string, { token, agent, meter = NO_METER }: DataApiOptions) {
		this.#http = new Http(origin, agent);
		this.#token = token;
		this.#meter = meter;
	}

	changes(request: ChangesRequest, options: CallOptions = {}): Promise<ChangesResponse> {
		const patience = (request.waitMs ?? 0) + LONG_POLL_MARGIN_MS;
		return this.#http.json(ChangesResponse, { ...this.#post('/v1/changes', request, options), patience });
	}

	missingBlocks(request: MissingBlocksRequest, options: CallOptions = {}): Promise<MissingBlocksResponse> {
		return this.#http.json(MissingBlocksResponse, this.#post('/v1/blocks/missing', request, options));
	}

	async putBlocks(
		namespace: NamespaceId,
		blocks: readonly FramedBlock[] | AsyncIterable<FramedBlock>,
		options: PutBlocksOptions = {},
	): Promise<PutBlocksResponse> {
		const source = new Outgoing(blocks, this.#meter, options.onSent);
		try {
			return await this.#http.json(PutBlocksResponse, {
				method: 'PUT',
				path: '/v1/blocks',
				query: { namespace },
				token: this.#token,
				headers: { 'content-type': BLOCKS_MEDIA_TYPE },
				body: Readable.from(encodeFrames(source), { objectMode: false, highWaterMark: BODY_BUFFER_BYTES }),
				patience: STORING_PATIENCE_MS,
				signal: options.signal,
			});
		} catch (error) {
			throw source.failure ? source.failure.reason : error;
		}
	}

	announce(request: AnnounceRequest, options: CallOptions = {}): Promise<void> {
		return this.#http.done(this.#post('/v1/arrivals', request, options));
	}

	/** Each hash is checked on this side, so the server need not; where one is wrong, it is asked to find out why. */
	async *getBlocks(
		request: GetBlocksRequest,
		options: GetBlocksOptions = {},
	): AsyncGenerator<FramedBlock, void, undefined> {
		let arrived = 0;
		try {
			for await (const block of this.#getBlocks({ ...request, verify: false }, options)) {
				arrived++;
				yield block;
			}
		} catch (error) {
			if (!(error instanceof ApiError && error.code === 'bad-block')) throw error;
			const rest = request.hashes.slice(arrived);
			yield* this.#getBlocks({ ...request, hashes: rest, verify: true }, { signal: options.signal });
		}
	}

	async *#getBlocks(
		request: GetBlocksRequest,
		options: GetBlocksOptions,
	): AsyncGenerator<FramedBlock, void, undefined> {
		const expected = request.hashes.values();
		const { body } = await this.#http.send(this.#post('/v1/blocks/get', request, options));
		try {
			for await (const block of decodeFrames(readOnce(body), !options.unverified)) {
				this.#expect(expected.next().value, block.hash);
				this.#meter.received(block.bytes.length);
				yield block;
			}
			this.#expect(expected.next().value, undefined);
		} catch (error) {
			throw this.#http.translate(options, error);
		} finally {
			body.destroy();
		}
	}

	contents(request: ContentsRequest, options: CallOptions = {}): Promise<ContentsResponse> {
		return this.#http.json(ContentsResponse, this.#post('/v1/contents', request, options));
	}

	async commit(request: CommitRequest, options: CallOptions = {}): Promise<CommitResponse> {
		const call = { ...this.#post('/v1/commit', request, options), patience: STORING_PATIENCE_MS };
		const answer = await this.#http.json(CommitResponse, call);
		if (answer.results.length === request.operations.length) return answer;
		throw new UnexpectedAnswer(this.#http.origin, '/v1/commit: not one result for each operation');
	}

	listing(request: ListingRequest, options: CallOptions = {}): Promise<ListingResponse> {
		return this.#http.json(ListingResponse, this.#post('/v1/listing', request, options));
	}

	paths(request: PathsRequest, options: CallOptions = {}): Promise<PathsResponse> {
		return this.#http.json(PathsResponse, this.#post('/v1/paths', request, options));
	}

	usage(namespace: NamespaceId, options: CallOptions = {}): Promise<UsageResponse> {
		return this.#http.json(UsageResponse, this.#post('/v1/usage', { namespace }, options));
	}

	versions(request: VersionsRequest, options: CallOptions = {}): Promise<VersionsResponse> {
		return this.#http.json(VersionsResponse, this.#post('/v1/versions', request, options));
	}

	trash(request: TrashRequest, options: CallOptions = {}): Promise<TrashResponse> {
		return this.#http.json(TrashResponse, this.#post('/v1/trash', request, options));
	}

	deletedTree(request: DeletedTreeRequest, options: CallOptions = {}): Promise<DeletedTreeResponse> {
		return this.#http.json(DeletedTreeResponse, this.#post('/v1/trash/tree', request, options));
	}

	content(query: ContentQuery, options: Omit<ContentOptions, 'token'> = {}): Promise<ContentAnswer> {
		return openContent(this.#http, query, { ...options, token: this.#token });
	}

	#post(path: string, json: unknown, { signal }: CallOptions) {
		return { method: 'POST', path, json, token: this.#token, signal } as const;
	}

	#expect(asked: BlockHash | undefined, came: BlockHash | undefined): void {
		if (asked !== came)
			throw new UnexpectedAnswer(this.#http.origin, '/v1/blocks/get: not the blocks that were asked for');
	}
}

/** Counts what goes out, and keeps what the source threw apart from what the network did. */
class Outgoing implements AsyncIterable<FramedBlock> {
	failure: { readonly reason: unknown } | undefined;
	readonly #blocks: Iterable<FramedBlock> | AsyncIterable<FramedBlock>;
	readonly #meter: Meter;
	readonly #onEnd: (() => void) | undefined;

	constructor(
		blocks: Iterable<FramedBlock> | AsyncIterable<FramedBlock>,
		meter: Meter,
		onEnd: (() => void) | undefined,
	) {
		this.#blocks = blocks;
		this.#meter = meter;
		this.#onEnd = onEnd;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<FramedBlock> {
		try {
			for await (const block of this.#blocks) {
				this.#meter.sent(block.bytes.length);
				yield block;
			}
			this.#onEnd?.();
		} catch (reason) {
			this.failure = { reason };
			throw reason;
		}
	}
}
