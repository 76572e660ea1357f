import { z } from 'zod';
import { Epoch, NamespaceId, Rev } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { Change } from '../node.ts';
import { ArrivingPart } from './arrivals.ts';

/**
 * `POST /v1/changes`: what happened after the cursor, latest state per node, in rev order.
 * With `waitMs` the answer comes the moment there is a change, at the latest after that time.
 */
export const ChangesRequest = z.strictObject({
	cursors: z
		.array(
			z.strictObject({
				namespace: NamespaceId,
				/** The epoch that the cursor belongs to; null before the first answer. */
				epoch: Epoch.nullable(),
				rev: Rev,
			}),
		)
		.min(1)
		.max(LIMITS.namespacesPerRequest),
	limit: z.number().int().min(1).max(LIMITS.changesPerPage).default(LIMITS.changesPerPage),
	waitMs: z.number().int().min(0).max(LIMITS.changesWaitMs).default(0),
	/** The device wants to hear of what others are just bringing, after what it has heard of already; 0 at first. */
	arrivalsAfter: z.number().int().min(0).optional(),
});
export type ChangesRequest = z.input<typeof ChangesRequest>;

export const NamespaceChanges = z.object({
	namespace: NamespaceId,
	epoch: Epoch,
	/**
	 * The cursor meant nothing to this server (another epoch, or a rev it has not reached): the changes start
	 * from the beginning, and what the client knew before is no evidence of any delete.
	 */
	reset: z.boolean(),
	changes: z.array(Change),
	/** Where to go on. */
	cursor: Rev,
	/** The tree is consistent only when this is false. */
	more: z.boolean(),
});
export type NamespaceChanges = z.infer<typeof NamespaceChanges>;

/** Only namespaces with news, a reset, or a first answer are listed; an empty list means that the wait is over. */
export const ChangesResponse = z.object({
	namespaces: z.array(NamespaceChanges),
	/** Left out when there is nothing that the device has not heard of. */
	arrivals: z.object({ after: z.number().int(), parts: z.array(ArrivingPart.strip()) }).optional(),
});
export type ChangesResponse = z.infer<typeof ChangesResponse>;
