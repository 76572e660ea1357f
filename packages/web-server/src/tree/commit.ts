import { randomBytes } from 'node:crypto';
import {
	type Epoch,
	type IdempotencyKey,
	type NodeId,
	type Operation,
	type OperationResult,
	orderedId,
	randomId,
} from '@mydropbox/protocol';
import { isPassing } from '@mydropbox/remote';
import type { Access } from './access.ts';

export const newNodeId = (): NodeId => orderedId<NodeId>(Date.now(), randomBytes);

/** Results are in the order of the operations. An answer that got lost is asked for once more, under the same key. */
export function commit(access: Access, epoch: Epoch, operations: Operation[]): Promise<OperationResult[]> {
	return access.ask(async (api, namespace) => {
		const request = { namespace, epoch, key: randomId<IdempotencyKey>(randomBytes), operations };
		const answer = await api.commit(request).catch((error: unknown) => {
			if (!isPassing(error)) throw error;
			return api.commit(request);
		});
		return answer.results;
	});
}

export async function commitOne(access: Access, epoch: Epoch, operation: Operation): Promise<OperationResult> {
	const [result] = await commit(access, epoch, [operation]);
	return result!;
}
