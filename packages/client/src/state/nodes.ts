import type { Mtime, Rev } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { Extra } from './tree-table.ts';

export interface RemoteNode extends TreeNode {
	readonly rev: Rev;
}

/** A state of a node that this device told the server. */
export interface SentNode extends TreeNode {
	/** Under which the server took it; null: it never answered. */
	readonly rev: Rev | null;
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

export const remoteExtra: Extra<RemoteNode> = {
	columns: ['rev'],
	write: (node) => [node.rev],
	read: (row, node) => ({ ...node, rev: row.rev as Rev }),
};

export const sentExtra: Extra<SentNode> = {
	columns: ['rev'],
	write: (node) => [node.rev],
	read: (row, node) => ({ ...node, rev: row.rev as Rev | null }),
};

export const localExtra: Extra<LocalNode> = {
	columns: ['disk_name', 'identity', 'stamp', 'disk_mtime', 'racy'],
	write: ({ disk }) => [disk.name, disk.identity, disk.stamp, disk.mtime, Number(disk.racy)],
	read: (row, node) => ({
		...node,
		disk: {
			name: row.disk_name as string,
			identity: row.identity as string,
			stamp: row.stamp as string,
			mtime: row.disk_mtime as Mtime,
			racy: row.racy === 1,
		},
	}),
};

export const syncedExtra: Extra<TreeNode> = { columns: [], write: () => [], read: (_row, node) => node };
