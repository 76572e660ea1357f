import {
	ApiError,
	type DeviceId,
	type Epoch,
	type NamespaceId,
	type NodeId,
	type NodeState,
	type Rev,
} from '@mydropbox/protocol';
import { readNamespace } from '../journal/namespaces.ts';
import { type Db, snapshot, type Tx, toBytes } from '../sql.ts';
import { pathsOf } from '../tree/paths.ts';
import { PAST_COLUMNS } from '../tree/tree-node.ts';
import { ENDED_COLUMNS, type Page, type PastState, toPastState } from './history.ts';

/** The last state of something that is deleted now. */
export interface Deleted {
	readonly state: NodeState;
	/** Path of the folder that it was in. */
	readonly folder: string;
	/** Of the delete. */
	readonly rev: Rev;
	readonly at: string;
	readonly by: DeviceId;
}

/** What was deleted along is deleted within so long before the one before it: a device takes its time with a large folder. */
const LONGEST_PAUSE_MS = 60_000;
const TOMBSTONES_PER_QUERY = 1000;
/** Of a tree of more, what is left out is in the trash by itself when the rest has come back. */
const MOST_AT_ONCE = 100_000;

/** What is deleted now and was in a folder that is not, latest delete first. */
export function listTrash(db: Db, namespace: NamespaceId, { before, limit }: Page): Promise<Deleted[]> {
	return snapshot(db, async (tx) => {
		const { historyFrom } = await readNamespace(tx, namespace);
		const rows = await tombstones(tx, namespace, { before, limit }, historyFrom)
			.innerJoin('Nodes', (join) =>
				join
					.onRef('Nodes.NamespaceId', '=', 'NodeHistory.NamespaceId')
					.onRef('Nodes.NodeId', '=', 'NodeHistory.ParentId'),
			)
			.execute();
		const past = rows.map(toPastState);
		const paths = await pathsOf(tx, namespace, [...new Set(past.map(({ state }) => state.parent))]);
		return past.map((deleted) => toDeleted(deleted, paths.get(deleted.state.parent)!.path));
	});
}

/**
 * A deleted node with all that was deleted along with it: the node itself first, folders before what is in them.
 * @throws ApiError `not-found` when it is not kept any more, or not deleted, or when its folder is deleted, too.
 */
export function deletedTree(
	db: Db,
	namespace: NamespaceId,
	id: NodeId,
): Promise<{ epoch: Epoch; folder: string; states: NodeState[] }> {
	return snapshot(db, async (tx) => {
		const { epoch, historyFrom } = await readNamespace(tx, namespace);
		const top = await lastState(tx, namespace, id, historyFrom);
		const folder = (await pathsOf(tx, namespace, [top.state.parent])).get(top.state.parent)?.path;
		if (folder === undefined) {
			throw new ApiError('not-found', 'The folder that it was in is deleted, too. Bring that back first.');
		}
		const states = top.state.kind === 'folder' ? await withDeletedAlong(tx, namespace, top, historyFrom) : [top.state];
		return { epoch, folder, states };
	});
}

/** A folder is deleted after what is in it, so on the way back in time it is met first. */
async function withDeletedAlong(tx: Tx, namespace: NamespaceId, top: Ended, historyFrom: Rev): Promise<NodeState[]> {
	const states = [top.state];
	const ids = new Set([top.state.id]);
	let latest = top.ended.at;
	for (let before = top.ended.rev; states.length < MOST_AT_ONCE; ) {
		const rows = await tombstones(tx, namespace, { before, limit: TOMBSTONES_PER_QUERY }, historyFrom).execute();
		for (const { state, ended } of rows.map(toPastState) as Ended[]) {
			if (Date.parse(latest) - Date.parse(ended.at) > LONGEST_PAUSE_MS) return states;
			before = ended.rev;
			if (!ids.has(state.parent)) continue;
			states.push(state);
			ids.add(state.id);
			latest = ended.at;
		}
		if (rows.length < TOMBSTONES_PER_QUERY) return states;
	}
	return states;
}

type Ended = PastState & { readonly ended: NonNullable<PastState['ended']> };

async function lastState(tx: Tx, namespace: NamespaceId, id: NodeId, historyFrom: Rev): Promise<Ended> {
	const rows = await tx
		.selectFrom('NodeHistory')
		.select(PAST_COLUMNS)
		.select(ENDED_COLUMNS)
		.where('NamespaceId', '=', toBytes(namespace))
		.where('NodeId', '=', toBytes(id))
		.where('ToRev', '>', historyFrom)
		.execute();
	// Picked here, for the reason that `SqlTreeSource.deleted` has.
	const last = rows.map(toPastState).find(({ ended }) => ended?.deleted);
	if (last) return last as Ended;
	throw new ApiError('not-found', 'It is not among what is deleted: it is back already, or not kept any more.');
}

const tombstones = (tx: Tx, namespace: NamespaceId, { before, limit }: Page, historyFrom: Rev) =>
	tx
		.selectFrom('NodeHistory')
		.select(PAST_COLUMNS)
		.select(ENDED_COLUMNS)
		.where('NodeHistory.NamespaceId', '=', toBytes(namespace))
		.where('NodeHistory.IsTombstone', '=', 1)
		.where('NodeHistory.ToRev', '<', before ?? Number.MAX_SAFE_INTEGER)
		.where('NodeHistory.ToRev', '>', historyFrom)
		.orderBy('NodeHistory.ToRev', 'desc')
		.limit(limit);

function toDeleted({ state, ended }: PastState, folder: string): Deleted {
	const { rev, at, by } = ended as NonNullable<PastState['ended']>;
	return { state, folder, rev, at, by };
}
