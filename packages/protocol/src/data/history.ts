import { z } from 'zod';
import { Epoch, NamespaceId, NodeId, Rev } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { NodeState } from '../node.ts';

const page = {
	/** Only what is older than this rev; everything when left out. */
	before: Rev.optional(),
	limit: z.number().int().min(1).max(LIMITS.listingPage).default(LIMITS.listingPage),
};

/** Who did something and when, as history tells it. */
const done = {
	/** When the server accepted it. */
	at: z.iso.datetime(),
	/** The device's name; null when the server does not know it any more. */
	device: z.string().nullable(),
};

/** `POST /v1/versions`: the states of a node that are kept, latest first. Each is named by the rev that it began with. */
export const VersionsRequest = z.strictObject({ namespace: NamespaceId, id: NodeId, ...page });
export type VersionsRequest = z.input<typeof VersionsRequest>;
export const VersionsResponse = z.object({ states: z.array(z.object({ state: NodeState, ...done })) });
export type VersionsResponse = z.infer<typeof VersionsResponse>;

/**
 * `POST /v1/trash`: what is deleted now and was in a folder that is not, latest delete first. What was deleted with its
 * folder comes along with that (`POST /v1/trash/tree`).
 */
export const TrashRequest = z.strictObject({ namespace: NamespaceId, ...page });
export type TrashRequest = z.input<typeof TrashRequest>;
export const TrashResponse = z.object({
	deleted: z.array(
		z.object({
			/** The last one before the delete. */
			state: NodeState,
			/** Path of the folder that it was in. */
			folder: z.string(),
			/** Of the delete. */
			rev: Rev,
			...done,
		}),
	),
});
export type TrashResponse = z.infer<typeof TrashResponse>;

/** `POST /v1/trash/tree`: a deleted node with all that was deleted along with it. */
export const DeletedTreeRequest = z.strictObject({ namespace: NamespaceId, id: NodeId });
export type DeletedTreeRequest = z.input<typeof DeletedTreeRequest>;
export const DeletedTreeResponse = z.object({
	epoch: Epoch,
	/** Path of the folder that it was in. */
	folder: z.string(),
	/** The node itself first, folders before what is in them. */
	states: z.array(NodeState).min(1),
});
export type DeletedTreeResponse = z.infer<typeof DeletedTreeResponse>;
