import { z } from 'zod';
import { ArrivalId, NamespaceId, NodeId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { Name } from '../names.ts';
import { BlockRef } from './blocks.ts';

/**
 * Some blocks of a large file that a device is bringing to the server. They are there already; the commit that names them
 * is still to come, and may never come.
 */
export const ArrivingPart = z.strictObject({
	arrival: ArrivalId,
	/** Where the commit will put the file: who does not want it there need not fetch it. */
	node: NodeId,
	parent: NodeId,
	name: Name,
	/** Bytes of the whole file. */
	size: z.number().int().min(1),
	/** The byte of the file that the first block begins with; the others follow on it. */
	start: z.number().int().min(0),
	blocks: z.array(BlockRef).min(1).max(LIMITS.blocksPerArrivingPart),
});
export type ArrivingPart = z.infer<typeof ArrivingPart>;

/** `POST /v1/arrivals`: tells the other devices, which may fetch the blocks at once. It promises nothing to anybody. */
export const AnnounceRequest = ArrivingPart.extend({ namespace: NamespaceId });
export type AnnounceRequest = z.infer<typeof AnnounceRequest>;
