import { ApiError, type Name, type NamespaceId, type NodeId, parsePath, rootOf } from '@mydropbox/protocol';
import { type Db, toBytes } from '../sql.ts';
import { fromRow, NODE_COLUMNS, type TreeNode } from './tree-node.ts';

/**
 * The node at a path; the top at "/".
 * @param top where paths begin: the root, when left out.
 * @throws ApiError `bad-path`, or `not-found` naming the first step that leads nowhere.
 */
export async function findByPath(
	db: Db,
	namespace: NamespaceId,
	path: string,
	top: NodeId = rootOf(namespace),
): Promise<TreeNode> {
	let node = await findNode(db, namespace, top);
	if (!node) throw new ApiError('not-found', 'What was here is not there any more. It may have been deleted.');
	for (const name of namesOf(path)) {
		const row = await db
			.selectFrom('Nodes')
			.select(NODE_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('ParentId', '=', toBytes(node.id))
			.where('Name', '=', Buffer.from(name))
			.executeTakeFirst();
		if (!row)
			throw new ApiError('not-found', `There is no "${name}" here. It may have been moved or deleted meanwhile.`);
		node = fromRow(row);
	}
	return node;
}

async function findNode(db: Db, namespace: NamespaceId, id: NodeId): Promise<TreeNode | undefined> {
	const row = await db
		.selectFrom('Nodes')
		.select(NODE_COLUMNS)
		.where('NamespaceId', '=', toBytes(namespace))
		.where('NodeId', '=', toBytes(id))
		.executeTakeFirst();
	return row && fromRow(row);
}

function namesOf(path: string): Name[] {
	try {
		return parsePath(path);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new ApiError('bad-path', `This path cannot be: ${error.message}.`);
	}
}
