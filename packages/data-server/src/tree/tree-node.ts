import type {
	ContentHash,
	DeviceId,
	Mtime,
	Name,
	NamespaceId,
	NodeId,
	NodeState,
	NodeVersion,
	Rev,
	Tombstone,
} from '@mydropbox/protocol';
import { hexOf, textOf } from '@mydropbox/server-kit';
import { type Insertable, type Selection, sql } from 'kysely';
import type { DataSchema, NodeColumns } from '../schema.ts';
import { toBytes } from '../sql.ts';

/** One state of one node. Never changed in place: a change makes another one. */
export interface TreeNode {
	readonly id: NodeId;
	/** Null for the root only. */
	readonly parent: NodeId | null;
	readonly name: Name;
	readonly version: NodeVersion;
	readonly rev: Rev;
	/** No change of anything below is later. */
	readonly subtreeRev: Rev;
	readonly changedBy: DeviceId;
	readonly changedAt: string;
}

/** A node that is deleted now: its last state, and the rev that ended it. */
export interface DeletedNode {
	readonly id: NodeId;
	readonly kind: NodeVersion['kind'];
	readonly rev: Rev;
}

export const toTombstone = ({ id, rev }: DeletedNode): Tombstone => ({ id, rev, kind: 'deleted' });

/** As it travels. The root does not. */
export function toState({ id, parent, name, rev, version }: TreeNode): NodeState {
	return { ...version, id, parent: parent as NodeId, name, rev };
}

/** What `fromRow` reads, bytes as text. */
const stateColumns = (table: 'Nodes' | 'NodeHistory') =>
	[
		hexOf(`${table}.NodeId`).as('NodeId'),
		hexOf(`${table}.ParentId`).as('ParentId'),
		textOf(`${table}.Name`).as('Name'),
		sql.ref<NodeColumns['Kind']>(`${table}.Kind`).as('Kind'),
		sql.ref<number>(`${table}.Size`).as('Size'),
		textOf(`${table}.Mtime`).as('Mtime'),
		sql.ref<number>(`${table}.Exec`).as('Exec'),
		hexOf(`${table}.ContentHash`).as('ContentHash'),
		textOf<string | null>(`${table}.Target`).as('Target'),
		hexOf(`${table}.ChangedBy`).as('ChangedBy'),
		sql.ref<string>(`${table}.ChangedAt`).as('ChangedAt'),
	] as const;

export const NODE_COLUMNS = [...stateColumns('Nodes'), 'Nodes.Rev', 'Nodes.SubtreeRev'] as const;
export const PAST_COLUMNS = [
	...stateColumns('NodeHistory'),
	'NodeHistory.FromRev as Rev',
	sql.lit(0).as('SubtreeRev'),
] as const;

export function fromRow(row: Selection<DataSchema, 'Nodes', (typeof NODE_COLUMNS)[number]>): TreeNode {
	return {
		id: row.NodeId as NodeId,
		// Only the root has none.
		parent: (row.ParentId as NodeId) || null,
		name: row.Name as Name,
		version: versionOf(row),
		rev: row.Rev as Rev,
		subtreeRev: row.SubtreeRev as Rev,
		changedBy: row.ChangedBy as DeviceId,
		changedAt: row.ChangedAt,
	};
}

function versionOf(row: Selection<DataSchema, 'Nodes', ReturnType<typeof stateColumns>[number]>): NodeVersion {
	const mtime = row.Mtime as Mtime;
	switch (row.Kind) {
		case 'folder':
			return { kind: 'folder' };
		case 'symlink':
			return { kind: 'symlink', target: row.Target as string, mtime };
		case 'file':
			return { kind: 'file', content: row.ContentHash as ContentHash, size: row.Size, mtime, exec: row.Exec === 1 };
	}
}

/** The columns that Nodes and NodeHistory share. */
export function toColumns(namespace: NamespaceId, node: TreeNode): Insertable<NodeColumns> {
	const { version } = node;
	return {
		NamespaceId: toBytes(namespace),
		NodeId: toBytes(node.id),
		Name: Buffer.from(node.name),
		Kind: version.kind,
		Size: version.kind === 'file' ? version.size : 0,
		Mtime: version.kind === 'folder' ? '0' : version.mtime,
		Exec: version.kind === 'file' && version.exec ? 1 : 0,
		ContentHash: version.kind === 'file' ? toBytes(version.content) : null,
		Target: version.kind === 'symlink' ? Buffer.from(version.target) : null,
		ChangedBy: toBytes(node.changedBy),
		ChangedAt: node.changedAt,
	};
}
