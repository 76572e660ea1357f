import type { Committer, commit, news } from '@mydropbox/data-server';
import type {
	BlockHash,
	CommitResponse,
	Content,
	ContentHash,
	NamespaceChanges,
	PutBlocksResponse,
} from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { VersionKey } from '../ledger.ts';

export type Cursor = Parameters<typeof news>[1][number];
export type Commit = Parameters<typeof commit>[3];

/**
 * What a data server knows about one namespace. Two of them that are asked the same say the same, to the letter; each
 * answer comes within the step in which it was asked for. A world is the same with either (test/simulator.test.ts).
 */
export interface ServerData {
	/** Empty it, and make the namespace. */
	open(): Promise<void>;
	/** Only what is in memory is new, as after a restart. */
	restart(): void;
	/** @returns what brings this moment back, and begins a new epoch. */
	backUp(): Promise<() => Promise<void>>;
	news(cursor: Cursor, limit: number): Promise<NamespaceChanges | undefined>;
	/** @throws ApiError `epoch-changed`, `idempotency-mismatch` */
	commit(committer: Committer, request: Commit): Promise<CommitResponse>;
	missing(hashes: readonly BlockHash[]): Promise<BlockHash[]>;
	put(blocks: readonly FramedBlock[]): Promise<PutBlocksResponse>;
	/** @throws ApiError `not-found` */
	get(hashes: readonly BlockHash[]): Promise<FramedBlock[]>;
	/** @throws ApiError `not-found` */
	contents(hashes: readonly ContentHash[]): Promise<Content[]>;
	/** Versions that files and links had once. */
	pastVersions(): Promise<Set<VersionKey>>;
}
