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
import type { Insertable, Selectable } from 'kysely';
import type { NodeColumns, NodesTable } from '../schema.ts';
import { fromBytes, toBytes } from '../sql.ts';

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

export function fromRow(row: Selectable<NodesTable>): TreeNode {
	return {
		id: fromBytes(row.NodeId),
		parent: row.ParentId && fromBytes(row.ParentId),
		name: row.Name.toString() as Name,
		version: versionOf(row),
		rev: row.Rev as Rev,
		subtreeRev: row.SubtreeRev as Rev,
		changedBy: fromBytes(row.ChangedBy),
		changedAt: row.ChangedAt,
	};
}

export function versionOf(row: Selectable<NodeColumns>): NodeVersion {
	const mtime = String(row.Mtime) as Mtime;
	switch (row.Kind) {
		case 'folder':
			return { kind: 'folder' };
		case 'symlink':
			return { kind: 'symlink', target: (row.Target as Buffer).toString(), mtime };
		case 'file': {
			const content = fromBytes<ContentHash>(row.ContentHash as Buffer);
			return { kind: 'file', content, size: row.Size, mtime, exec: row.Exec === 1 };
		}
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
