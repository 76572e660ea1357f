import type { NodeState } from '@mydropbox/protocol';
import { childPath, type FileEntry } from '@mydropbox/protocol/web';

/** A node as the web API shows it. */
export function entryOf(node: NodeState, folder: string): FileEntry {
	const common = { id: node.id, name: node.name, path: childPath(folder, node.name), kind: node.kind };
	switch (node.kind) {
		case 'file':
			return { ...common, size: node.size, mtime: toIso(node.mtime), target: null };
		case 'symlink':
			return { ...common, size: null, mtime: toIso(node.mtime), target: node.target };
		case 'folder':
			return { ...common, size: null, mtime: null, target: null };
	}
}

export const toIso = (nanoseconds: string): string => new Date(Number(BigInt(nanoseconds) / 1_000_000n)).toISOString();
