import type { SQLInputValue } from 'node:sqlite';
import type { ContentHash, Mtime, Name, NodeId, Rev } from '@mydropbox/protocol';
import { samePlace, type TreeNode, type Version } from '@mydropbox/sync-engine';
import type { DiskTrace, LocalNode, RemoteNode } from '../nodes.ts';

/** What the nodes of each tree are. */
export interface NodeOf {
	readonly remote: RemoteNode;
	readonly local: LocalNode;
	readonly synced: TreeNode;
}
export type TreeName = keyof NodeOf;

/** A node as each tree has it. */
export type Trio = { [Tree in TreeName]: NodeOf[Tree] | undefined };

/** How a node is in some of the trees: alike, apart from what only one of them knows. */
export interface State {
	/** The sum of their bits. */
	trees: number;
	readonly node: TreeNode;
	/** Of the remote tree, where it is one of them. */
	rev: Rev | null;
	/** Of the local tree, where it is one of them. */
	disk: DiskTrace | null;
}

export const BIT: Record<TreeName, number> = { remote: 1, local: 2, synced: 4 };
export const ALL_TREES = 7;

/** What the table has of a state, beside the number of the row and the node's id. */
export const COLUMNS = [
	...['trees', 'rev', 'parent', 'name', 'kind', 'content', 'size', 'mtime', 'exec', 'target'],
	...['disk_name', 'identity', 'stamp', 'disk_mtime', 'racy'],
];
export type Row = [
	row: number,
	id: NodeId,
	trees: number,
	rev: Rev | null,
	parent: NodeId,
	name: Name,
	kind: Version['kind'],
	content: ContentHash | null,
	size: number | null,
	mtime: Mtime | null,
	exec: number | null,
	target: string | null,
	diskName: string | null,
	identity: string | null,
	stamp: string | null,
	diskMtime: Mtime | null,
	racy: number | null,
];

/** In the order of the first tree of each. */
export function statesOf({ remote, local, synced }: Trio): State[] {
	const states: State[] = [];
	if (remote) stateLike(remote, BIT.remote, states).rev = remote.rev;
	if (local) stateLike(local, BIT.local, states).disk = local.disk;
	if (synced) stateLike(synced, BIT.synced, states);
	return states;
}

function stateLike(node: TreeNode, bit: number, states: State[]): State {
	const known = states.find((state) => isAlike(state.node, node));
	if (known) {
		known.trees += bit;
		return known;
	}
	const state = { trees: bit, node, rev: null, disk: null };
	states.push(state);
	return state;
}

/** Nothing tells them apart, not even what does not matter to `sameNode`. */
export const isAlike = (a: TreeNode, b: TreeNode): boolean => samePlace(a, b) && isAlikeVersion(a.version, b.version);

export function isAlikeVersion(a: Version, b: Version): boolean {
	if (a === b) return true;
	if (a.kind === 'file' && b.kind === 'file') {
		return a.content === b.content && a.size === b.size && a.mtime === b.mtime && a.exec === b.exec;
	}
	if (a.kind === 'symlink' && b.kind === 'symlink') return a.target === b.target && a.mtime === b.mtime;
	return a.kind === b.kind;
}

/** What is in `COLUMNS`. On most disks a name and a time are those of the node: then it is null. */
export function cellsOf({ trees, rev, node: { parent, name, version }, disk }: State): SQLInputValue[] {
	const { kind } = version;
	const file = kind === 'file' ? version : undefined;
	const mtime = kind === 'folder' ? null : version.mtime;
	return [
		trees,
		rev,
		parent,
		name,
		kind,
		file?.content ?? null,
		file?.size ?? null,
		mtime,
		file ? Number(file.exec) : null,
		kind === 'symlink' ? version.target : null,
		disk && disk.name !== name ? disk.name : null,
		disk?.identity ?? null,
		disk?.stamp ?? null,
		disk && disk.mtime !== mtime ? disk.mtime : null,
		disk && Number(disk.racy),
	];
}

/** Puts what the row says into the trio; what its trees have in common is there once. */
export function addRow(row: Row, trio: Trio): void {
	const [, id, trees, rev, parent, name, kind, content, size, mtime, exec, target] = row;
	const version: Version =
		kind === 'file'
			? { kind, content, size: size!, mtime: mtime!, exec: exec === 1 }
			: kind === 'symlink'
				? { kind, target: target!, mtime: mtime! }
				: { kind };
	if (trees & BIT.remote) trio.remote = { id, parent, name, version, rev: rev! };
	if (trees & BIT.local) trio.local = { id, parent, name, version, disk: diskOf(row, name, mtime) };
	if (trees & BIT.synced) trio.synced = { id, parent, name, version };
}

function diskOf(row: Row, usualName: Name, usualMtime: Mtime | null): DiskTrace {
	const [name, identity, stamp, mtime, racy] = [row[12], row[13], row[14], row[15], row[16]];
	return {
		name: name ?? usualName,
		identity: identity!,
		stamp: stamp!,
		mtime: mtime ?? usualMtime!,
		racy: racy === 1,
	};
}

/** Where the table has the number of a content instead of its hash. */
export const CONTENT = COLUMNS.indexOf('content');

export const firstTreeOf = ([, , trees]: Row): number => trees & -trees;
