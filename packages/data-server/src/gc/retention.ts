import type { NamespaceId, Rev } from '@mydropbox/protocol';
import { transact } from '@mydropbox/server-kit';
import { revAt } from '../history/history.ts';
import { lockNamespace, type Namespace } from '../journal/namespaces.ts';
import { type Db, type Tx, toBytes } from '../sql.ts';
import type { Pause } from './pace.ts';

const ROWS_PER_STEP = 500;

/** The rev up to which the past of a namespace is over: what was superseded or deleted before `moment`. */
export async function endOfPast(db: Db, namespace: Namespace, moment: Date): Promise<Rev> {
	return Math.max(namespace.historyFrom, await revAt(db, namespace.id, moment)) as Rev;
}

/**
 * Forgets the states that ended at or before a rev, and the answers to commits of before. Current states are never
 * touched. Of a deleted node the last state stays, without its content: without it a device that was away would not
 * hear of the delete, and would bring the file back.
 * @param moment the rev was the head then.
 * @returns how many states went.
 */
export async function forgetPast(db: Db, namespace: Namespace, upTo: Rev, moment: Date, pause: Pause): Promise<number> {
	if (upTo === namespace.historyFrom) return 0;
	const states = await inSteps(() => transact(db, (tx) => forgetStates(tx, namespace.id, upTo)), pause);
	await inSteps(() => transact(db, (tx) => forgetCommits(tx, namespace.id, upTo, moment)), pause);
	return states;
}

async function inSteps(step: () => Promise<number>, pause: Pause): Promise<number> {
	for (let total = 0; ; ) {
		const done = await step();
		total += done;
		if (done < ROWS_PER_STEP) return total;
		await pause();
	}
}

/** The oldest go first, and with them the claim to have them: nobody is ever shown a past with holes. */
async function forgetStates(tx: Tx, id: NamespaceId, upTo: Rev): Promise<number> {
	const { historyFrom } = await lockNamespace(tx, id);
	const superseded = await ended(tx, id, 0, upTo).execute();
	const deleted = await ended(tx, id, 1, upTo).where('ToRev', '>', historyFrom).execute();
	const oldest = [...superseded, ...deleted].sort((a, b) => a.ToRev - b.ToRev).slice(0, ROWS_PER_STEP);
	for (const { NodeId, FromRev, IsTombstone } of oldest) {
		const row = { NamespaceId: toBytes(id), NodeId, FromRev };
		await (IsTombstone === 1
			? tx
					.updateTable('NodeHistory')
					.set({ ContentHash: null })
					.where((eb) => eb.and(row))
					.execute()
			: tx
					.deleteFrom('NodeHistory')
					.where((eb) => eb.and(row))
					.execute());
	}
	const last = oldest.length < ROWS_PER_STEP ? upTo : (oldest.at(-1)?.ToRev ?? upTo);
	await tx
		.updateTable('Namespaces')
		.set({ HistoryFromRev: Math.max(historyFrom, last) })
		.where('NamespaceId', '=', toBytes(id))
		.execute();
	return oldest.length;
}

function ended(tx: Tx, namespace: NamespaceId, isTombstone: 0 | 1, upTo: Rev) {
	return tx
		.selectFrom('NodeHistory')
		.select(['NodeId', 'FromRev', 'ToRev', 'IsTombstone'])
		.where('NamespaceId', '=', toBytes(namespace))
		.where('IsTombstone', '=', isTombstone)
		.where('ToRev', '<=', upTo)
		.orderBy('ToRev')
		.limit(ROWS_PER_STEP);
}

/** The latest of the old ones stays: it tells what the head was from then on. */
async function forgetCommits(tx: Tx, id: NamespaceId, upTo: Rev, moment: Date): Promise<number> {
	const rows = await tx
		.selectFrom('Commits')
		.select('IdempotencyKey')
		.where('NamespaceId', '=', toBytes(id))
		.where('CommittedAt', '<=', moment.toISOString())
		.where('HeadRev', '<', upTo)
		.orderBy('CommittedAt')
		.limit(ROWS_PER_STEP)
		.execute();
	const keys = rows.map(({ IdempotencyKey }) => IdempotencyKey);
	if (keys.length > 0) {
		await tx.deleteFrom('Commits').where('NamespaceId', '=', toBytes(id)).where('IdempotencyKey', 'in', keys).execute();
	}
	return rows.length;
}
