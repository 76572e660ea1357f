import type { ListingRequest, ListingResponse, NodeId } from '@mydropbox/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { readNamespace } from '../journal/namespaces.ts';
import { type Db, snapshot, toBytes } from '../sql.ts';
import { findByPath } from './find.ts';
import { fromRow, NODE_COLUMNS, toState } from './tree-node.ts';

type Request = z.output<typeof ListingRequest>;

/**
 * A page of a folder: folders first, then by name; or the one file or link at the path.
 * @param top where paths begin.
 */
export function listFolder(db: Db, { namespace, path, offset, limit }: Request, top: NodeId): Promise<ListingResponse> {
	return snapshot(db, async (tx) => {
		const { epoch, head } = await readNamespace(tx, namespace);
		const found = await findByPath(tx, namespace, path, top);
		const node = found.parent === null ? null : toState(found);
		const { subtreeRev } = found;
		if (found.version.kind !== 'folder') return { epoch, head, node, folder: null, subtreeRev, entries: [], total: 0 };
		const children = tx
			.selectFrom('Nodes')
			.where('NamespaceId', '=', toBytes(namespace))
			.where('ParentId', '=', toBytes(found.id));
		const { total } = await children.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
		const rows = await children
			.select(NODE_COLUMNS)
			.orderBy(sql`case when Kind = 'folder' then 0 else 1 end`)
			.orderBy('Name')
			.offset(offset)
			.limit(limit)
			.execute();
		const entries = rows.map((row) => toState(fromRow(row)));
		return { epoch, head, node, folder: found.id, subtreeRev, entries, total };
	});
}
