import { type NamespaceId, type NodeId, rootOf } from '@mydropbox/protocol';
import type { Tx } from '../sql.ts';
import type { TreeNode } from './tree-node.ts';
import { SqlTreeSource } from './tree-source.ts';

/** Where nodes are now, of those that exist; the root is at "/". */
export async function pathsOf(
	tx: Tx,
	namespace: NamespaceId,
	ids: readonly NodeId[],
): Promise<Map<NodeId, { readonly path: string; readonly node: TreeNode }>> {
	const nodes = new Map((await new SqlTreeSource(tx, namespace).withAncestors(ids)).map((node) => [node.id, node]));
	const pathOf = (id: NodeId): string => {
		const names: string[] = [];
		for (let at = nodes.get(id); at && at.id !== rootOf(namespace); at = nodes.get(at.parent as NodeId))
			names.unshift(at.name);
		return `/${names.join('/')}`;
	};
	return new Map(
		ids.flatMap((id) => {
			const node = nodes.get(id);
			return node ? [[id, { path: pathOf(id), node }] as const] : [];
		}),
	);
}
