/** Enforced on both sides of the wire; a client checks before it sends, a server before it believes. */
export const LIMITS = {
	/** Bytes of one name, UTF-8. */
	nameBytes: 255,
	/** Names on the way from the root to a node. */
	pathDepth: 200,
	/** Bytes of a symbolic link's target, UTF-8. */
	symlinkTargetBytes: 4095,
	/** Operations in one commit. */
	commitOperations: 1000,
	/** Bytes of one JSON request body. A file of 200,000 blocks fits. */
	jsonBodyBytes: 32 * 1024 * 1024,
	/** Bytes of one put-blocks request body. */
	putBlocksBytes: 64 * 1024 * 1024,
	/** Bytes of one block. The chunker stays far below. */
	blockBytes: 8 * 1024 * 1024,
	/** Hashes in one missing-blocks, get-blocks or contents request. */
	hashesPerRequest: 4096,
	/** Blocks of one file. */
	blocksPerContent: 200_000,
	/** Blocks in one announcement of what is arriving. */
	blocksPerArrivingPart: 512,
	/** Changes in one page. */
	changesPerPage: 2000,
	/** Longest that a changes request waits, milliseconds. */
	changesWaitMs: 55_000,
	/** Namespaces in one changes request. */
	namespacesPerRequest: 1000,
	/** Entries in one page of a listing. */
	listingPage: 1000,
} as const;
