import { z } from 'zod';
import { BlockHash, ContentHash } from '../hashes.ts';
import { NamespaceId } from '../ids.ts';
import { LIMITS } from '../limits.ts';

const hashes = z.array(BlockHash).min(1).max(LIMITS.hashesPerRequest);

/** `POST /v1/blocks/missing`: which of these blocks the namespace's owner does not have on this server. */
export const MissingBlocksRequest = z.strictObject({ namespace: NamespaceId, hashes });
export type MissingBlocksRequest = z.infer<typeof MissingBlocksRequest>;
export const MissingBlocksResponse = z.object({ missing: z.array(BlockHash) });
export type MissingBlocksResponse = z.infer<typeof MissingBlocksResponse>;

/**
 * `PUT /v1/blocks?namespace=`: framed blocks (content/framing.ts) in the body. Each is verified, and can be committed when
 * the answer arrives. One bad block refuses the request, and none of it counts.
 */
export const PutBlocksQuery = z.strictObject({ namespace: NamespaceId });
export const PutBlocksResponse = z.object({
	/** Blocks that were new. */
	stored: z.number().int(),
	bytes: z.number().int(),
});
export type PutBlocksResponse = z.infer<typeof PutBlocksResponse>;

/** `POST /v1/blocks/get`: the blocks in the order asked for, framed, each once. Refused whole when one is not there. */
export const GetBlocksRequest = z.strictObject({
	namespace: NamespaceId,
	hashes,
	/**
	 * `false`: the server sends what its disk gave it without looking. Only for whoever checks every hash itself, and asks
	 * again with `true` for a block that came with other bytes: so the server learns of it.
	 */
	verify: z.boolean().optional(),
});
export type GetBlocksRequest = z.infer<typeof GetBlocksRequest>;

export const BlockRef = z.strictObject({
	hash: BlockHash,
	/** Bytes. */
	size: z.number().int().min(1).max(LIMITS.blockBytes),
});
export type BlockRef = z.infer<typeof BlockRef>;

/** Which chunker made the blocks; part of the content hash. */
export const ChunkerId = z.enum(['fastcdc-1']);
export type ChunkerId = z.infer<typeof ChunkerId>;

/** The ordered blocks of one version of a file. The empty file has none. */
export const Content = z.strictObject({
	hash: ContentHash,
	size: z.number().int().min(0),
	chunker: ChunkerId,
	blocks: z.array(BlockRef).max(LIMITS.blocksPerContent),
});
export type Content = z.infer<typeof Content>;

/** `POST /v1/contents`: the block lists of contents that nodes of the namespace name, now or in their history. */
export const ContentsRequest = z.strictObject({
	namespace: NamespaceId,
	hashes: z.array(ContentHash).min(1).max(LIMITS.hashesPerRequest),
});
export type ContentsRequest = z.infer<typeof ContentsRequest>;
export const ContentsResponse = z.object({
	contents: z.array(Content.extend({ blocks: z.array(BlockRef.strip()).max(LIMITS.blocksPerContent) }).strip()),
});
export type ContentsResponse = z.infer<typeof ContentsResponse>;
