import { type NamespaceId, type NodeId, type PathsResponse, rootOf } from '@mydropbox/protocol';
import { type Db, snapshot } from '../sql.ts';
import { findNode } from './find.ts';
import type { TreeNode } from './tree-node.ts';

/** Where nodes are now, at one moment; without the root and those that are not there. */
export function pathsOf(db: Db, namespace: NamespaceId, ids: readonly NodeId[]): Promise<PathsResponse['nodes']> {
	return snapshot(db, async (tx) => {
		const root = rootOf(namespace);
		/** Of folders that were come by. */
		const known = new Map<NodeId, string>([[root, '']]);
		const pathOf = async ({ parent, name }: TreeNode): Promise<string> => {
			const above = parent as NodeId;
			if (!known.has(above)) known.set(above, await pathOf((await findNode(tx, namespace, above))!));
			return `${known.get(above)}/${name}`;
		};
		const nodes: PathsResponse['nodes'] = [];
		for (const id of new Set(ids)) {
			const node = id === root ? undefined : await findNode(tx, namespace, id);
			if (node) nodes.push({ id, path: await pathOf(node), kind: node.version.kind });
		}
		return nodes;
	});
}
