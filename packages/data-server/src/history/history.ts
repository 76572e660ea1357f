import { ApiError, type DeviceId, type NamespaceId, type NodeId, type NodeState, type Rev } from '@mydropbox/protocol';
import { readNamespace } from '../journal/namespaces.ts';
import type { NodeHistoryTable } from '../schema.ts';
import { type Db, fromBytes, snapshot, toBytes } from '../sql.ts';
import { fromRow, NODE_COLUMNS, PAST_COLUMNS, toState } from '../tree/tree-node.ts';

/** A state that a node was in, and how it ended. */
export interface PastState {
	readonly state: NodeState;
	readonly by: DeviceId;
	readonly at: string;
	/** Null while it lasts. */
	readonly ended: { readonly rev: Rev; readonly by: DeviceId; readonly at: string; readonly deleted: boolean } | null;
}

/** Every state of a node that is kept, oldest first, the current one last. No endpoint asks for the past yet. */
export function versionsOf(db: Db, namespace: NamespaceId, id: NodeId): Promise<PastState[]> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		const past = await tx
			.selectFrom('NodeHistory')
			.select(PAST_COLUMNS)
			.select(ENDED_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('NodeId', '=', toBytes(id))
			.where('ToRev', '>', historyFrom)
			.orderBy('FromRev')
			.execute();
		const current = await tx
			.selectFrom('Nodes')
			.select(NODE_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('NodeId', '=', toBytes(id))
			.execute();
		const now = current.map(fromRow).map((node): PastState => {
			return { state: toState(node), by: node.changedBy, at: node.changedAt, ended: null };
		});
		return [...past.map(toPastState), ...now];
	});
}

/** The last states of what is deleted now, as far back as they are kept, latest delete first. */
export function trash(db: Db, namespace: NamespaceId, page: { before: Rev; limit: number }): Promise<PastState[]> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		const rows = await tx
			.selectFrom('NodeHistory')
			.select(PAST_COLUMNS)
			.select(ENDED_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('IsTombstone', '=', 1)
			.where('ToRev', '<', page.before)
			.where('ToRev', '>', historyFrom)
			.orderBy('ToRev', 'desc')
			.limit(page.limit)
			.execute();
		return rows.map(toPastState);
	});
}

/**
 * The whole tree as it was when `rev` was the latest, without the root.
 * @throws ApiError `not-found` when that is longer ago than history is kept.
 */
export function treeAsOf(db: Db, namespace: NamespaceId, rev: Rev): Promise<NodeState[]> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		if (rev < historyFrom) {
			throw new ApiError('not-found', 'That is longer ago than history is kept here. Choose a later moment.');
		}
		const still = await tx
			.selectFrom('Nodes')
			.select(NODE_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('ParentId', 'is not', null)
			.where('Rev', '<=', rev)
			.execute();
		const past = await tx
			.selectFrom('NodeHistory')
			.select(PAST_COLUMNS)
			.select(ENDED_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('IsTombstone', 'in', [0, 1])
			.where('ToRev', '>', rev)
			.where('FromRev', '<=', rev)
			.execute();
		return [...still.map((row) => toState(fromRow(row))), ...past.map((row) => toPastState(row).state)];
	});
}

/** The last rev that was taken up to a moment. */
export async function revAt(db: Db, namespace: NamespaceId, moment: Date): Promise<Rev> {
	const row = await db
		.selectFrom('Commits')
		.select('HeadRev')
		.where('NamespaceId', '=', toBytes(namespace))
		.where('CommittedAt', '<=', moment.toISOString())
		.orderBy('CommittedAt', 'desc')
		.orderBy('HeadRev', 'desc')
		.limit(1)
		.executeTakeFirst();
	return (row?.HeadRev ?? 0) as Rev;
}

const ENDED_COLUMNS = ['ToRev', 'EndedBy', 'EndedAt', 'IsTombstone'] as const;

function toPastState(row: Parameters<typeof fromRow>[0] & Pick<NodeHistoryTable, (typeof ENDED_COLUMNS)[number]>) {
	const node = fromRow(row);
	const ended = {
		rev: row.ToRev as Rev,
		by: fromBytes<DeviceId>(row.EndedBy),
		at: row.EndedAt,
		deleted: row.IsTombstone === 1,
	};
	return { state: toState(node), by: node.changedBy, at: node.changedAt, ended };
}
