import { z } from 'zod';
import { Epoch, NamespaceId, NodeId, Rev } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { NodeState } from '../node.ts';

/** `POST /v1/listing`: a folder by path, as a person sees it: folders first, then by name. */
export const ListingRequest = z.strictObject({
	namespace: NamespaceId,
	/** "/" is the root. */
	path: z.string().max(60_000),
	/** Entries to pass over. */
	offset: z.number().int().min(0).default(0),
	limit: z.number().int().min(1).max(LIMITS.listingPage).default(LIMITS.listingPage),
});
export type ListingRequest = z.input<typeof ListingRequest>;

export const ListingResponse = z.object({
	epoch: Epoch,
	head: Rev,
	/** The node at the path; null for the root folder. */
	node: NodeState.nullable(),
	folder: NodeId.nullable(),
	/** Last change anywhere below the folder; `below` of a delete operation. */
	subtreeRev: Rev,
	/** Empty when the path names a file or a link. */
	entries: z.array(NodeState),
	/** Entries in the folder, on all pages. */
	total: z.number().int(),
});
export type ListingResponse = z.infer<typeof ListingResponse>;

/** `POST /v1/usage` */
export const UsageRequest = z.strictObject({ namespace: NamespaceId });
export const UsageResponse = z.object({
	/** Bytes of the current files; history is not counted. */
	bytesUsed: z.number().int(),
	quota: z.number().int(),
	files: z.number().int(),
});
export type UsageResponse = z.infer<typeof UsageResponse>;

/** `GET /v1/content?namespace=&path=`: a file's bytes, with ranges. Also on the route-server, which passes it through. */
export const ContentQuery = z.strictObject({
	namespace: NamespaceId,
	path: z.string().max(60_000),
	/** `inline` lets a browser show it where that is safe; the default downloads it. */
	disposition: z.enum(['attachment', 'inline']).default('attachment'),
	/** The rev with which the state began whose bytes are wanted (`POST /v1/versions`); the current one when left out. */
	version: z.coerce.number<number>().pipe(Rev).optional(),
});
export type ContentQuery = z.input<typeof ContentQuery>;
