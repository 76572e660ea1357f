import type { Mtime, Rev } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';

export interface RemoteNode extends TreeNode {
	readonly rev: Rev;
}

/** A state of a node that this device told the server. */
export interface SentNode extends TreeNode {
	/** Under which the server took it; null: it never answered. */
	readonly rev: Rev | null;
}

/** What is being made of a local node. */
export interface ApplyingNode extends TreeNode {
	/** What both sides agree on once the disk shows it, or that it is gone; null: it is this device's alone. */
	readonly agrees: 'version' | 'place' | 'gone' | null;
}

/** A delete that this device would make on the server, with the node as it was synced. */
export interface GuardedDelete extends TreeNode {
	/** `let-go`: without asking. `held`: until a person answers. `confirmed`: by a person. */
	readonly standing: 'let-go' | 'held' | 'confirmed';
	/** When that was decided; for what was held, since when. Milliseconds since 1970. */
	readonly at: number;
}

export interface LocalNode extends TreeNode {
	readonly disk: DiskTrace;
}

/** How the scanner recognises a node that it has seen before. */
export interface DiskTrace {
	/** The name as this disk spells it; the node's name is its NFC. */
	readonly name: string;
	readonly identity: string;
	/** Empty for folders. */
	readonly stamp: string;
	/** The mtime on the disk, which cannot hold every nanosecond of the node's. */
	readonly mtime: Mtime;
	readonly racy: boolean;
}
