import type { NamespaceId } from '@mydropbox/protocol';
import { insertAll, isOneOf } from '@mydropbox/server-kit';
import { inGroups, type Tx, toBytes } from '../sql.ts';
import { toColumns } from './tree-node.ts';
import type { WorkingTree } from './working-tree.ts';

/**
 * Writes what a commit's operations made of the tree. Changed rows are taken out before the new ones come in, so names
 * that change hands never clash on the way.
 */
export async function writeTree(
	tx: Tx,
	namespace: NamespaceId,
	tree: WorkingTree,
	by: { device: string; at: string },
): Promise<void> {
	const namespaceId = toBytes(namespace);
	const { replaced, current, ended, revived, touched } = tree.outcome();
	for (const group of inGroups(revived)) {
		await tx
			.updateTable('NodeHistory')
			.set({ IsTombstone: 0 })
			.where('NamespaceId', '=', namespaceId)
			.where(isOneOf(tx, 'NodeId', group))
			.execute();
	}
	for (const group of inGroups(replaced)) {
		await tx
			.deleteFrom('Nodes')
			.where('NamespaceId', '=', namespaceId)
			.where(isOneOf(tx, 'NodeId', group))
			.execute();
	}
	await insertAll(
		tx,
		'Nodes',
		current.map((node) => ({
			...toColumns(namespace, node),
			ParentId: node.parent && toBytes(node.parent),
			Rev: node.rev,
			SubtreeRev: node.subtreeRev,
		})),
	);
	await insertAll(
		tx,
		'NodeHistory',
		ended.map(({ node, toRev, isTombstone }) => ({
			...toColumns(namespace, node),
			ParentId: toBytes(node.parent as string),
			FromRev: node.rev,
			ToRev: toRev,
			IsTombstone: isTombstone ? 1 : 0,
			EndedBy: toBytes(by.device),
			EndedAt: by.at,
		})),
	);
	for (const group of inGroups(touched)) {
		await tx
			.updateTable('Nodes')
			.set({ SubtreeRev: tree.totals.head })
			.where('NamespaceId', '=', namespaceId)
			.where(isOneOf(tx, 'NodeId', group))
			.execute();
	}
}
