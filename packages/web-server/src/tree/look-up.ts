import { ApiError, type Epoch, type NodeId, type NodeState, type Rev } from '@mydropbox/protocol';
import { splitPath } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';

export interface Found {
	readonly epoch: Epoch;
	readonly node: NodeState;
	/** Last change anywhere below it. */
	readonly subtreeRev: Rev;
}

/** What is at a path below the root. @throws ApiError `not-found`. */
export async function findNode(access: Access, path: string): Promise<Found> {
	const { epoch, node, subtreeRev } = await access.ask((api, namespace) => api.listing({ namespace, path, limit: 1 }));
	if (!node) throw new ApiError('bad-path', 'The root folder always stays as it is.');
	return { epoch, node, subtreeRev };
}

/** @throws ApiError `not-found`, or `bad-path` when it is no folder. */
export async function findFolder(access: Access, path: string): Promise<{ epoch: Epoch; id: NodeId }> {
	const { epoch, folder } = await access.ask((api, namespace) => api.listing({ namespace, path, limit: 1 }));
	if (!folder) throw new ApiError('bad-path', `“${splitPath(path)[1]}” is not a folder. Choose one that is.`);
	return { epoch, id: folder };
}
