import { z } from 'zod';
import { Epoch, IdempotencyKey, NamespaceId, NodeId, Rev } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { Name } from '../names.ts';
import { Change, NodeVersion } from '../node.ts';
import { Content } from './blocks.ts';

/**
 * The node's rev that the operation was made on; 0 says that there is no such node. All operations of a commit are
 * made on the state before the commit, so several on one node repeat the same base. That is how names change hands
 * in a circle, or a folder becomes the child of its own child: over a made-up name that no other reader ever sees.
 * The operations on one node are accepted together or not at all.
 */
const base = Rev;

/** Makes the node what is said here, whole: creates it (base 0), or changes version and place together. */
export const PutOperation = z.strictObject({
	op: z.literal('put'),
	id: NodeId,
	base,
	parent: NodeId,
	name: Name,
	version: NodeVersion,
	/** The file's blocks; may be left out when a file of this namespace has or had the same content. */
	content: Content.optional(),
});

/** Gives the node another parent or name; what is below a folder comes along untouched. */
export const MoveOperation = z.strictObject({ op: z.literal('move'), id: NodeId, base, parent: NodeId, name: Name });

/**
 * Deletes the node. A folder must be empty; or, with `below`, everything in it is deleted too,
 * provided that nothing below it changed after that rev.
 */
export const DeleteOperation = z.strictObject({ op: z.literal('delete'), id: NodeId, base, below: Rev.optional() });

export const Operation = z.discriminatedUnion('op', [PutOperation, MoveOperation, DeleteOperation]);
export type Operation = z.infer<typeof Operation>;

/** `POST /v1/commit`: operations in order, accepted or refused one by one, in one transaction. */
export const CommitRequest = z.strictObject({
	namespace: NamespaceId,
	epoch: Epoch,
	/** The same key answers what the first commit with it answered; it must come with the same operations. */
	key: IdempotencyKey,
	operations: z.array(Operation).min(1).max(LIMITS.commitOperations),
});
export type CommitRequest = z.infer<typeof CommitRequest>;

export const REFUSALS = {
	stale: 'the node changed on the server since; the latest state is in the answer',
	'name-taken': 'another node has this name in this folder',
	'no-parent': 'the folder it should be in does not exist',
	'not-a-folder': 'the node it should be in is not a folder',
	'not-empty': 'the folder still has something in it',
	'changed-below': 'something in the folder changed on the server since',
	'missing-blocks': 'blocks of this content have not been uploaded',
	'unknown-content': 'the content was never committed here and came without its block list',
	'bad-content': 'the content hash does not fit its block list, or its sizes do not add up',
	cycle: 'a folder cannot be moved into itself',
	'kind-changed': 'a node never changes its kind',
	'too-deep': `a path has at most ${LIMITS.pathDepth} names`,
	'quota-exceeded': 'it does not fit in the space that is left',
	'is-root': 'the root folder cannot be changed',
	unknown: 'for a reason that this version of MyDropbox does not know',
} as const;
export type Refusal = keyof typeof REFUSALS;

export const OperationResult = z.discriminatedUnion('ok', [
	/** `rev` is the node's new rev. */
	z.object({ ok: z.literal(true), rev: Rev }),
	z.object({
		ok: z.literal(false),
		/** A newer server may have further ones; it never says `unknown` itself. */
		code: z.enum(Object.keys(REFUSALS) as [Refusal, ...Refusal[]]).catch('unknown'),
		/** What happens next. */
		message: z.string(),
		/** What is there now: the node itself, or the one in its way. */
		node: Change.nullable(),
	}),
]);
export type OperationResult = z.infer<typeof OperationResult>;

export const CommitResponse = z.object({
	/** The namespace's head after this commit. A client that has read up to here has seen all it did. */
	head: Rev,
	results: z.array(OperationResult),
});
export type CommitResponse = z.infer<typeof CommitResponse>;
