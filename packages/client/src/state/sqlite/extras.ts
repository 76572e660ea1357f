import type { SQLInputValue } from 'node:sqlite';
import type { Mtime, Rev } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { GuardedDelete, LocalNode, RemoteNode } from '../nodes.ts';

export type Row = Record<string, SQLInputValue>;

/** What a tree keeps beside the node itself: column names and both directions. */
export interface Extra<Node extends TreeNode> {
	readonly columns: readonly string[];
	write(node: Node): SQLInputValue[];
	read(row: Row, node: TreeNode): Node;
}

export const remoteExtra: Extra<RemoteNode> = {
	columns: ['rev'],
	write: (node) => [node.rev],
	read: (row, node) => ({ ...node, rev: row.rev as Rev }),
};

export const deletesExtra: Extra<GuardedDelete> = {
	columns: ['standing', 'at'],
	write: (node) => [node.standing, node.at],
	read: (row, node) => ({ ...node, standing: row.standing as GuardedDelete['standing'], at: row.at as number }),
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

export const noExtra: Extra<TreeNode> = { columns: [], write: () => [], read: (_row, node) => node };
