import type { ContentHash, Mtime, Name, NodeId } from '@mydropbox/protocol';

/** What a file is, apart from where it is. */
export interface FileVersion {
	readonly kind: 'file';
	/** null: the disk shows something new here, and nobody has read it yet. Only the local tree knows such files. */
	readonly content: ContentHash | null;
	readonly size: number;
	readonly mtime: Mtime;
	readonly exec: boolean;
}
export interface SymlinkVersion {
	readonly kind: 'symlink';
	readonly target: string;
	readonly mtime: Mtime;
}
export type Version = FileVersion | SymlinkVersion | { readonly kind: 'folder' };

export interface Place {
	readonly parent: NodeId;
	readonly name: Name;
}

/** A node as one of the three trees has it. A node never changes its kind. */
export interface TreeNode extends Place {
	readonly id: NodeId;
	readonly version: Version;
}

/**
 * What the planner sees of a tree. The root is not a node of it: it is always there and has no place.
 * In a tree that is at rest, (parent, name) is unique and every parent is the root or a folder of the tree.
 */
export interface TreeReader {
	get(id: NodeId): TreeNode | undefined;
	/** The node at a place, or undefined. */
	child(parent: NodeId, name: Name): TreeNode | undefined;
	children(parent: NodeId): Iterable<TreeNode>;
}

/** The three trees: what the server said, what the disk showed, and what both last agreed on. */
export interface Trees {
	readonly root: NodeId;
	readonly remote: TreeReader;
	readonly local: TreeReader;
	readonly synced: Pick<TreeReader, 'get'>;
}

export const samePlace = (a: Place, b: Place): boolean => a.parent === b.parent && a.name === b.name;

/** The same bytes, or the same link target; folders are always alike. Unread files are like nothing. */
export function sameContent(a: Version, b: Version): boolean {
	if (a.kind === 'file' && b.kind === 'file') return a.content !== null && a.content === b.content;
	if (a.kind === 'symlink' && b.kind === 'symlink') return a.target === b.target;
	return a.kind === b.kind;
}

/** The same content, mtime and exec bit. */
export function sameVersion(a: Version, b: Version): boolean {
	if (!sameContent(a, b)) return false;
	if (a.kind === 'file' && b.kind === 'file') return a.mtime === b.mtime && a.exec === b.exec;
	if (a.kind === 'symlink' && b.kind === 'symlink') return a.mtime === b.mtime;
	return true;
}

export const sameNode = (a: TreeNode | undefined, b: TreeNode | undefined): boolean =>
	a === undefined || b === undefined ? a === b : samePlace(a, b) && sameVersion(a.version, b.version);

export const isUnread = (node: TreeNode | undefined): boolean =>
	node?.version.kind === 'file' && node.version.content === null;
