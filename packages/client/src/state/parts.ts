import type { TreeNode, Version } from '@mydropbox/sync-engine';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';

/** What the nodes of each tree are made of: copies that, and nothing that a node of another tree may have beside it. */
export const PARTS = {
	remote: (node: RemoteNode): RemoteNode => ({ ...bare(node), rev: node.rev }),
	local: ({ disk, ...node }: LocalNode): LocalNode => {
		const { name, identity, stamp, mtime, racy } = disk;
		return { ...bare(node), disk: { name, identity, stamp, mtime, racy } };
	},
	synced: bare,
	sent: (node: SentNode): SentNode => ({ ...bare(node), rev: node.rev }),
	applying: (node: ApplyingNode): ApplyingNode => ({ ...bare(node), agrees: node.agrees }),
	deletes: (node: GuardedDelete): GuardedDelete => ({ ...bare(node), standing: node.standing, at: node.at }),
};

function bare({ id, parent, name, version }: TreeNode): TreeNode {
	return { id, parent, name, version: bareVersion(version) };
}

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
