import type { TreeNode, Version } from '@mydropbox/sync-engine';
import type { ApplyingNode, DiskTrace, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';

/**
 * What the nodes of each tree are made of: copies that, and nothing that a node of another tree may have beside it.
 * A version that is given takes the place of the node's own, which is like it.
 */
export const PARTS = {
	remote: (node: RemoteNode, version = bareVersion(node.version)): RemoteNode => {
		const { id, parent, name, rev } = node;
		return { id, parent, name, version, rev };
	},
	local: (node: LocalNode, version = bareVersion(node.version)): LocalNode => {
		const { id, parent, name, disk } = node;
		return { id, parent, name, version, disk: bareTrace(disk) };
	},
	synced: bare,
	sent: (node: SentNode): SentNode => ({ ...bare(node), rev: node.rev }),
	applying: (node: ApplyingNode): ApplyingNode => ({ ...bare(node), agrees: node.agrees }),
	deletes: (node: GuardedDelete): GuardedDelete => ({ ...bare(node), standing: node.standing, at: node.at }),
};

function bare({ id, parent, name, version: own }: TreeNode, version = bareVersion(own)): TreeNode {
	return { id, parent, name, version };
}

const bareTrace = ({ name, identity, stamp, mtime, racy }: DiskTrace): DiskTrace => {
	return { name, identity, stamp, mtime, racy };
};

function bareVersion(version: Version): Version {
	switch (version.kind) {
		case 'file': {
			const { kind, content, size, mtime, exec } = version;
			return { kind, content, size, mtime, exec };
		}
		case 'symlink': {
			const { kind, target, mtime } = version;
			return { kind, target, mtime };
		}
		case 'folder':
			return { kind: 'folder' };
	}
}
