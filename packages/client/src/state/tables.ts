import type { BlockRef, Content, ContentHash, Name, NodeId } from '@mydropbox/protocol';
import type { TreeNode, TreeReader } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';

/** Nodes, each under its id. */
export interface Nodes<Node extends TreeNode> {
	get(id: NodeId): Node | undefined;
	/** In no particular order; the caller may change them while it goes through them. */
	ids(): NodeId[];
	count(): number;
	/** Takes the place of the node with this id, and MUST keep exactly what nodes of this kind are made of. */
	set(node: Node): void;
	delete(id: NodeId): void;
	clear(): void;
}

/** The nodes of one tree. */
export interface Table<Node extends TreeNode> extends Nodes<Node>, TreeReader {
	get(id: NodeId): Node | undefined;
	/** A node at the place. A disk that changes under the scanner's eyes makes two of one name; then it is any of them. */
	child(parent: NodeId, name: Name): Node | undefined;
	/** In no particular order; the caller may change the table while it goes through them. */
	children(parent: NodeId): Node[];
	/** What is below stays. */
	delete(id: NodeId): void;
}

/** They are never asked for by their place. */
export interface SyncedNodes extends Nodes<TreeNode> {
	/** Files and links. May take time in proportion to the tree. */
	countFiles(): number;
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
	readonly synced: SyncedNodes;
	readonly sent: Nodes<SentNode>;
	readonly applying: Nodes<ApplyingNode>;
	readonly deletes: Nodes<GuardedDelete>;
	readonly contents: Contents;
	readonly rules: Rules;
	meta(key: string): string | null;
	setMeta(key: string, value: string): void;
	/**
	 * MUST do all of it or, when the work throws, nothing. Never one inside another.
	 * @param lasting `at-once`: durable when the call returns, with all that was done before. `later`: with the next one that
	 * is durable; a power cut before that leaves the tables as they were after one of the transactions since.
	 */
	transaction<T>(work: () => T, lasting: Lasting): T;
	/** Exactly the nodes that are not alike in remote, local and synced. */
	differing(): NodeId[];
	/** A local file that should hold the block, and where in it. */
	findBlock(block: BlockRef): { node: LocalNode; start: number } | undefined;
	/** After it, no other call. */
	close(): void;
}

export type Lasting = 'at-once' | 'later';

/** @param dirty every node of remote, local or synced that may differ now MUST be put in there; whoever opens takes it out. */
export type OpenTables = (dirty: Set<NodeId>) => Tables;
