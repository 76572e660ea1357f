import { ApiError, type DeviceId, type NamespaceId, type NodeId, type NodeState, type Rev } from '@mydropbox/protocol';
import { readNamespace } from '../journal/namespaces.ts';
import type { NodeHistoryTable } from '../schema.ts';
import { type Db, fromBytes, snapshot, type Tx, toBytes } from '../sql.ts';
import { fromRow, NODE_COLUMNS, PAST_COLUMNS, type TreeNode, toState } from '../tree/tree-node.ts';

/** A state that a node was in, and how it ended. */
export interface PastState {
	readonly state: NodeState;
	readonly by: DeviceId;
	readonly at: string;
	/** Null while it lasts. */
	readonly ended: { readonly rev: Rev; readonly by: DeviceId; readonly at: string; readonly deleted: boolean } | null;
}

/** Of what is read page by page, latest first: only what is older than `before`. */
export interface Page {
	readonly before?: Rev | undefined;
	readonly limit: number;
}
const ALL = Number.MAX_SAFE_INTEGER as Rev;

/** The states of a node that are kept, latest first. */
export function versionsOf(
	db: Db,
	namespace: NamespaceId,
	id: NodeId,
	{ before = ALL, limit }: Page,
): Promise<PastState[]> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		const past = await tx
			.selectFrom('NodeHistory')
			.select(PAST_COLUMNS)
			.select(ENDED_COLUMNS)
			.where('NamespaceId', '=', toBytes(namespace))
			.where('NodeId', '=', toBytes(id))
			.where('FromRev', '<', before)
			.where('ToRev', '>', historyFrom)
			.orderBy('FromRev', 'desc')
			.limit(limit)
			.execute();
		const current = await currentState(tx, namespace, id);
		const now = current && current.rev < before ? [lasting(current)] : [];
		return [...now, ...past.map(toPastState)].slice(0, limit);
	});
}

/**
 * The state of a node that began with this rev.
 * @throws ApiError `not-found` when it is not kept any more.
 */
export function versionAt(db: Db, namespace: NamespaceId, id: NodeId, rev: Rev): Promise<TreeNode> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		const current = await currentState(tx, namespace, id);
		if (current?.rev === rev) return current;
		const row = await tx
			.selectFrom('NodeHistory')
			.select([...PAST_COLUMNS, 'ToRev'])
			.where('NamespaceId', '=', toBytes(namespace))
			.where('NodeId', '=', toBytes(id))
			.where('FromRev', '=', rev)
			.executeTakeFirst();
		if (row && row.ToRev > historyFrom) return fromRow(row);
		throw new ApiError('not-found', 'This version is not kept any more. Look at the list of versions again.');
	});
}

async function currentState(tx: Tx, namespace: NamespaceId, id: NodeId): Promise<TreeNode | undefined> {
	const row = await tx
		.selectFrom('Nodes')
		.select(NODE_COLUMNS)
		.where('NamespaceId', '=', toBytes(namespace))
		.where('NodeId', '=', toBytes(id))
		.executeTakeFirst();
	return row && fromRow(row);
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

const lasting = (node: TreeNode): PastState => {
	return { state: toState(node), by: node.changedBy, at: node.changedAt, ended: null };
};

/** What `toPastState` reads beside `PAST_COLUMNS`. */
export const ENDED_COLUMNS = ['ToRev', 'EndedBy', 'EndedAt', 'IsTombstone'] as const;

export function toPastState(
	row: Parameters<typeof fromRow>[0] & Pick<NodeHistoryTable, (typeof ENDED_COLUMNS)[number]>,
) {
	const node = fromRow(row);
	const ended = {
		rev: row.ToRev as Rev,
		by: fromBytes<DeviceId>(row.EndedBy),
		at: row.EndedAt,
		deleted: row.IsTombstone === 1,
	};
	return { state: toState(node), by: node.changedBy, at: node.changedAt, ended };
}
