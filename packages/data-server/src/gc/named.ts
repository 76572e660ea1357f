import type { NamespaceId, Rev } from '@mydropbox/protocol';
import { type RawBuilder, sql } from 'kysely';
import { type Db, toBytes } from '../sql.ts';

/** Whether a state of the namespace names the row of Contents: a current one, or one that ended after the rev `from`. */
export function isNamed(namespace: NamespaceId, from: Rev): RawBuilder<number> {
	const id = toBytes(namespace);
	return sql`(exists (
		select 1 from Nodes where Nodes.NamespaceId = ${id} and Nodes.ContentHash = Contents.ContentHash
	) or exists (
		select 1 from NodeHistory
		where NodeHistory.NamespaceId = ${id} and NodeHistory.ContentHash = Contents.ContentHash and NodeHistory.ToRev > ${from}
	))`;
}

/** Hashes of all contents that states name which began or ended after the rev. */
export async function namedSince(db: Db, namespace: NamespaceId, rev: Rev): Promise<Buffer[]> {
	const current = db
		.selectFrom('Nodes')
		.select('ContentHash')
		.where('NamespaceId', '=', toBytes(namespace))
		.where('Rev', '>', rev);
	const past = db
		.selectFrom('NodeHistory')
		.select('ContentHash')
		.where('NamespaceId', '=', toBytes(namespace))
		.where('IsTombstone', 'in', [0, 1])
		.where('ToRev', '>', rev);
	const rows = await current.union(past).execute();
	return rows.map(({ ContentHash }) => ContentHash).filter((hash) => hash !== null);
}
