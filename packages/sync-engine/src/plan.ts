import type { Name, NodeId } from '@mydropbox/protocol';
import type { Place, Version } from './tree.ts';

/** Changes what is remembered, never a disk or a server; done at once, before anything else. */
export type StateOperation =
	/** Both sides are equal: remember that as *synced*. */
	| { readonly type: 'agree'; readonly id: NodeId }
	/** Gone on both sides. */
	| { readonly type: 'forget'; readonly id: NodeId }
	/** Deleted on one side and wanted on the other: from now on it counts as added there. */
	| { readonly type: 'revive'; readonly id: NodeId }
	/**
	 * A local node without history is the very thing the server has at that place: it takes the server's id, and what is
	 * in it, and was agreed to be, is now agreed to be there.
	 */
	| { readonly type: 'adopt'; readonly local: NodeId; readonly remote: NodeId };

/**
 * One operation of a commit. Base revs and block lists are added by whoever sends it. A node can occur more than
 * once; all its operations belong in the same commit.
 */
export type RemoteOperation =
	| { readonly type: 'put'; readonly id: NodeId; readonly place: Place; readonly version: Version }
	| { readonly type: 'move'; readonly id: NodeId; readonly place: Place }
	| { readonly type: 'delete'; readonly id: NodeId };

/** What is at the place of a write leaves it in the same moment. */
export interface Displaced {
	/** The node that is there; null when it is the written node's own older self, which becomes a node of its own. */
	readonly id: NodeId | null;
	/** Where it goes, in the same folder; null: nowhere, the server has deleted it. */
	readonly name: Name | null;
	/** As in a move. */
	readonly aside?: true;
}

export type LocalOperation =
	/** Makes the folder, file or link, or gives the one that is there another version. */
	| {
			readonly type: 'write';
			readonly id: NodeId;
			readonly place: Place;
			readonly version: Version;
			readonly displaced?: Displaced;
	  }
	| {
			readonly type: 'move';
			readonly id: NodeId;
			readonly place: Place;
			/**
			 * It makes room for the server's node, and the server hears of the place next. Every other place is where the
			 * server has the node, or on the way there: once it is there, both sides agree on that.
			 */
			readonly aside?: true;
	  }
	| { readonly type: 'delete'; readonly id: NodeId }
	/** Excluded: this device's copy goes, and the server keeps the node. A crash MUST NOT make a delete of it. */
	| { readonly type: 'evict'; readonly id: NodeId };

/**
 * What to do next. State operations come alone: do them and plan again. Otherwise the batches of one side run in
 * order, the operations inside a batch in any order, and the two sides beside each other.
 */
export interface Plan {
	readonly state: readonly StateOperation[];
	/** Local files to read, so that the next plan knows their content. */
	readonly reads: readonly NodeId[];
	readonly remote: readonly (readonly RemoteOperation[])[];
	readonly local: readonly (readonly LocalOperation[])[];
	/** Nodes that are not dirty any more. */
	readonly atRest: readonly NodeId[];
	/** Nodes that have to wait for something outside this plan: a file to be read, a problem to be mended. */
	readonly waiting: readonly NodeId[];
}

export const isEmpty = (plan: Plan): boolean =>
	plan.state.length + plan.reads.length + plan.remote.length + plan.local.length === 0;
