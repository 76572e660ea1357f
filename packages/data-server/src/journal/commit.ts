import { hash } from 'node:crypto';
import { ApiError, type CommitRequest, type CommitResponse, type DeviceId, rootOf } from '@mydropbox/protocol';
import { transact, upsert } from '@mydropbox/server-kit';
import type { z } from 'zod';
import type { BlockIndex } from '../blocks/block-index.ts';
import { type Db, type Tx, toBytes } from '../sql.ts';
import { applyOperations } from '../tree/apply-operations.ts';
import { CommitContents } from '../tree/commit-contents.ts';
import { SqlTreeSource } from '../tree/tree-source.ts';
import { WorkingTree } from '../tree/working-tree.ts';
import { writeTree } from '../tree/write-tree.ts';
import { type Grant, lockNamespace, type Namespace } from './namespaces.ts';

export interface Committer {
	readonly grant: Grant;
	readonly device: DeviceId;
	readonly deviceName: string;
	/** When it was received. */
	readonly at: Date;
}

type Request = z.output<typeof CommitRequest>;

/**
 * Takes the operations in order, accepts or refuses each, and writes all that they changed in one transaction.
 * The namespace stays locked from its first read to the end, so revs become visible in their order.
 */
export function commit(db: Db, index: BlockIndex, committer: Committer, request: Request): Promise<CommitResponse> {
	const operationsHash = hash('sha256', JSON.stringify(request.operations));
	return transact(db, async (tx) => {
		const namespace = await lockNamespace(tx, request.namespace);
		const earlier = await earlierAnswer(tx, request, operationsHash);
		if (earlier) return earlier;
		if (namespace.epoch !== request.epoch) {
			throw new ApiError(
				'epoch-changed',
				'The server was restored from a backup since. Nothing was changed; ask for the changes from the beginning, then try again.',
			);
		}
		const by = { device: committer.device, at: committer.at.toISOString() };
		const { tree, contents, results } = await applyOperations(request.operations, {
			freshTree: () => new WorkingTree(new SqlTreeSource(tx, namespace.id), rootOf(namespace.id), namespace, by),
			fetchContents: () => CommitContents.fetch(tx, index, namespace, request.operations),
			quota: committer.grant.quota,
		});

		await contents.write(tx, index, namespace);
		await writeTree(tx, namespace.id, tree, by);
		const answer: CommitResponse = { head: tree.totals.head, results };
		await writeTotals(tx, namespace, tree);
		await writeDevice(tx, committer);
		await writeCommit(tx, request, operationsHash, by, answer);
		return answer;
	});
}

/** A commit that is sent again is answered again, and not done again. */
async function earlierAnswer(
	tx: Tx,
	{ namespace, key }: Request,
	operationsHash: string,
): Promise<CommitResponse | undefined> {
	const earlier = await tx
		.selectFrom('Commits')
		.select(['OperationsHash', 'Answer'])
		.where('NamespaceId', '=', toBytes(namespace))
		.where('IdempotencyKey', '=', toBytes(key))
		.executeTakeFirst();
	if (!earlier) return undefined;
	if (!earlier.OperationsHash.equals(toBytes(operationsHash))) {
		throw new ApiError(
			'idempotency-mismatch',
			'This key was used before for other operations. Nothing was changed; use a new key for a new commit.',
		);
	}
	return JSON.parse(earlier.Answer);
}

async function writeTotals(tx: Tx, namespace: Namespace, { totals }: WorkingTree): Promise<void> {
	await tx
		.updateTable('Namespaces')
		.set({ HeadRev: totals.head, MaxDepth: totals.maxDepth, BytesUsed: totals.bytesUsed, Files: totals.files })
		.where('NamespaceId', '=', toBytes(namespace.id))
		.execute();
}

async function writeDevice(tx: Tx, { device, deviceName }: Committer): Promise<void> {
	const row = { DeviceId: toBytes(device), DeviceName: deviceName };
	await upsert(tx, 'Devices', row, ['DeviceId'], { DeviceName: deviceName });
}

async function writeCommit(
	tx: Tx,
	{ namespace, key }: Request,
	operationsHash: string,
	by: { device: DeviceId; at: string },
	answer: CommitResponse,
): Promise<void> {
	await tx
		.insertInto('Commits')
		.values({
			NamespaceId: toBytes(namespace),
			IdempotencyKey: toBytes(key),
			OperationsHash: toBytes(operationsHash),
			HeadRev: answer.head,
			DeviceId: toBytes(by.device),
			CommittedAt: by.at,
			Answer: JSON.stringify(answer),
		})
		.execute();
}
