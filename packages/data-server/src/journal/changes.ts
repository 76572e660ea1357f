import type { Change, ChangesRequest, NamespaceChanges, NamespaceId, Rev } from '@mydropbox/protocol';
import type { z } from 'zod';
import { type Db, fromBytes, inGroups, snapshot, type Tx, toBytes } from '../sql.ts';
import { fromRow, NODE_COLUMNS, toState, toTombstone } from '../tree/tree-node.ts';
import { readNamespace } from './namespaces.ts';

export type Cursor = z.output<typeof ChangesRequest>['cursors'][number];

/** At most `limit` changes, over all namespaces; one that found no room is heard when the client asks again. */
export async function news(db: Db, cursors: readonly Cursor[], limit: number): Promise<NamespaceChanges[]> {
	const found: NamespaceChanges[] = [];
	let room = limit;
	for (const cursor of await withNews(db, cursors)) {
		if (room === 0) break;
		const page = await changesAfter(db, cursor, room);
		if (!page) continue;
		found.push(page);
		room -= page.changes.length;
	}
	return found;
}

/** Those of the cursors that `changesAfter` has an answer for, found in one query for all: most of the time it is none. */
async function withNews(db: Db, cursors: readonly Cursor[]): Promise<Cursor[]> {
	const heads = new Map<string, { Epoch: Buffer; HeadRev: number }>();
	for (const group of inGroups(cursors)) {
		const rows = await db
			.selectFrom('Namespaces')
			.select(['NamespaceId', 'Epoch', 'HeadRev'])
			.where(
				'NamespaceId',
				'in',
				group.map(({ namespace }) => toBytes(namespace)),
			)
			.execute();
		for (const row of rows) heads.set(fromBytes(row.NamespaceId), row);
	}
	return cursors.filter(({ namespace, epoch, rev }) => {
		const now = heads.get(namespace);
		return now && (epoch !== fromBytes(now.Epoch) || rev !== now.HeadRev);
	});
}

/**
 * What happened in a namespace after the cursor: the latest state of each changed node, in rev order.
 * @returns undefined when there is nothing to say to this reader.
 */
export function changesAfter(db: Db, cursor: Cursor, limit: number): Promise<NamespaceChanges | undefined> {
	// One moment for all queries: otherwise half of a commit that comes in between is in the page, and beyond its cursor.
	return snapshot(db, async (tx) => {
		const { id, epoch, head } = await readNamespace(tx, cursor.namespace);
		const isFirst = cursor.epoch === null && cursor.rev === 0;
		const reset = !isFirst && (cursor.epoch !== epoch || cursor.rev > head);
		const after = reset ? (0 as Rev) : cursor.rev;
		if (!isFirst && !reset && after === head) return undefined;
		const found = await changesIn(tx, id, after, limit);
		const more = found.length > limit;
		const changes = found.slice(0, limit);
		const last = changes.at(-1);
		return { namespace: id, epoch, reset, changes, cursor: more && last ? last.rev : head, more };
	});
}

/** The first changes after a rev; enough of them to see whether there are more than the limit. */
async function changesIn(tx: Tx, namespace: NamespaceId, after: Rev, limit: number): Promise<Change[]> {
	const enough = limit + 1;
	const nodes = await tx
		.selectFrom('Nodes')
		.select(NODE_COLUMNS)
		.where('NamespaceId', '=', toBytes(namespace))
		.where('Rev', '>', after)
		.orderBy('Rev')
		.limit(enough)
		.execute();
	const changes: Change[] = nodes.map((row) => toState(fromRow(row)));
	// Who knows nothing yet need not hear of what is gone.
	if (after > 0) changes.push(...(await tombstonesAfter(tx, namespace, after, enough)));
	return changes.sort((a, b) => a.rev - b.rev).slice(0, enough);
}

async function tombstonesAfter(tx: Tx, namespace: NamespaceId, after: Rev, limit: number): Promise<Change[]> {
	const rows = await tx
		.selectFrom('NodeHistory')
		.select(['NodeId', 'Kind', 'ToRev'])
		.where('NamespaceId', '=', toBytes(namespace))
		.where('IsTombstone', '=', 1)
		.where('ToRev', '>', after)
		.orderBy('ToRev')
		.limit(limit)
		.execute();
	return rows.map((row) => toTombstone({ id: fromBytes(row.NodeId), kind: row.Kind, rev: row.ToRev as Rev }));
}
