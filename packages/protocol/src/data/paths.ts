import { z } from 'zod';
import { NamespaceId, NodeId } from '../ids.ts';
import { LIMITS } from '../limits.ts';

/** `POST /v1/paths`: where nodes are now. */
export const PathsRequest = z.strictObject({
	namespace: NamespaceId,
	ids: z.array(NodeId).max(LIMITS.listingPage),
});
export type PathsRequest = z.input<typeof PathsRequest>;

export const PathsResponse = z.object({
	/** In no order; without those that are not there, or not any more. */
	nodes: z.array(z.object({ id: NodeId, path: z.string(), kind: z.enum(['file', 'folder', 'symlink']) })),
});
export type PathsResponse = z.infer<typeof PathsResponse>;
