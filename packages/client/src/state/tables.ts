import type { BlockHash, Content, ContentHash, Name, NodeId } from '@mydropbox/protocol';
import type { TreeNode, TreeReader } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';

/** The nodes of one tree, each under its id. Every call that may change a node reports its id to whoever opened it. */
export interface Table<Node extends TreeNode> extends TreeReader {
	get(id: NodeId): Node | undefined;
	/** A node at the place. A disk that changes under the scanner's eyes makes two of one name; then it is any of them. */
	child(parent: NodeId, name: Name): Node | undefined;
	/** In no particular order; the caller may change the table while it goes through them. */
	children(parent: NodeId): Node[];
	/** As `children`. */
	ids(): NodeId[];
	count(): number;
	/** Files and links. May take time in proportion to the tree. */
	countFiles(): number;
	/** Takes the place of the node with this id, and MUST keep exactly what nodes of this tree are made of. */
	set(node: Node): void;
	/** What is below stays. */
	delete(id: NodeId): void;
	clear(): void;
}

export interface LocalTable extends Table<LocalNode> {
	/** The nodes that were last seen as this thing on the disk. */
	byIdentity(identity: string): LocalNode[];
}

/** Block lists of the contents that this device has read or downloaded. */
export interface Contents {
	get(hash: ContentHash): Content | undefined;
	/** The first that comes for a hash stays. @returns whether this is it. */
	put(content: Content): boolean;
}

/** A `.mydropboxignore` as it was last read. */
export interface RuleFile {
	/** That of the entry on the disk. */
	readonly stamp: string;
	readonly text: string;
}

/** The rules in force, by the folder that they are in: they outlive a restart, and a file that cannot be read for a while. */
export interface Rules {
	readonly isEmpty: boolean;
	get(folder: NodeId): RuleFile | undefined;
	set(folder: NodeId, file: RuleFile): void;
	delete(folder: NodeId): void;
	clear(): void;
}

/**
 * What a device remembers; observations only, never pending work. All calls are synchronous. A change outside a
 * transaction is one of its own, and each is durable when the call returns.
 */
export interface Tables {
	readonly remote: Table<RemoteNode>;
	readonly local: LocalTable;
	readonly synced: Table<TreeNode>;
	readonly sent: Table<SentNode>;
	readonly applying: Table<ApplyingNode>;
	readonly deletes: Table<GuardedDelete>;
	readonly contents: Contents;
	readonly rules: Rules;
	meta(key: string): string | null;
	setMeta(key: string, value: string): void;
	/** MUST do all of it or, when the work throws, nothing. Never one inside another. */
	transaction<T>(work: () => T): T;
	/** Exactly the nodes that are not alike in remote, local and synced. */
	differing(): NodeId[];
	/** A local file that should hold the block, and where in it. */
	findBlock(hash: BlockHash): { node: LocalNode; start: number } | undefined;
	/** After it, no other call. */
	close(): void;
}

/** @param changed MUST be told of every node of remote, local or synced that may differ now. */
export type OpenTables = (changed: (id: NodeId) => void) => Tables;
