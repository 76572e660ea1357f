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

export interface CallOptions {
	/** When it fires, the call rejects with `signal.reason` and the request is given up. */
	readonly signal?: AbortSignal | undefined;
}

export interface PutBlocksOptions extends CallOptions {
	/**
	 * The network has taken all of the blocks, so that what is sent next does not delay them. It MAY never be called; the
	 * answer is still to come.
	 */
	readonly onSent?: (() => void) | undefined;
}

export interface GetBlocksOptions extends CallOptions {
	/** Whoever asks verifies each block before it is used, in another thread for one. */
	readonly unverified?: boolean;
}

/**
 * The server as the sync engine sees it. Implemented by `DataApi` over HTTP, by the wrappers around it, and by the
 * simulator.
 *
 * Every call MUST either resolve with what the server said, or reject with one of
 * - `ApiError`: the server refused. Nothing of the request was done.
 * - `ServerUnreachable`: no answer came. The server may or may not have done it; asking again is always safe, because
 *   every call here is idempotent (a commit by its key).
 * - `UnexpectedAnswer`: something answered that does not speak this protocol.
 * - `SignedOut`: a person must sign this device in again.
 * - the reason of `options.signal`.
 * Calls are independent: any number may be under way at once, and they may be answered in any order.
 * A request MUST keep the protocol's LIMITS, and all its namespaces MUST live on the same data server.
 */
export interface SyncServer {
	/** With `waitMs` it resolves the moment there is a change, at the latest after that time. */
	changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResponse>;

	/** The answer is a subset of the hashes asked for, in their order. */
	missingBlocks(request: MissingBlocksRequest, options?: CallOptions): Promise<MissingBlocksResponse>;

	/**
	 * After it resolves, all blocks can be committed; until then, a server that loses its power may miss them again. When
	 * it rejects, none may be relied on.
	 * An array can be sent again by a wrapper; an iterable is consumed at most once. What the iterable throws comes
	 * out unchanged. Bytes MUST stay unchanged until the call settles.
	 */
	putBlocks(
		namespace: NamespaceId,
		blocks: readonly FramedBlock[] | AsyncIterable<FramedBlock>,
		options?: PutBlocksOptions,
	): Promise<PutBlocksResponse>;

	/** Tells the other devices of blocks that are there before their commit is. Nothing depends on it. */
	announce(request: AnnounceRequest, options?: CallOptions): Promise<void>;

	/**
	 * Yields exactly the blocks asked for, in that order, each verified against its hash unless `unverified`; hashes MUST be
	 * distinct.
	 * Bytes belong to the caller. It MUST be read to its end or be returned (`break` does that), which gives up the rest.
	 */
	getBlocks(request: GetBlocksRequest, options?: GetBlocksOptions): AsyncGenerator<FramedBlock, void, undefined>;

	contents(request: ContentsRequest, options?: CallOptions): Promise<ContentsResponse>;

	/** Results are in the order of the operations. A refused operation is a result, not a rejection. */
	commit(request: CommitRequest, options?: CallOptions): Promise<CommitResponse>;
}
