import type { UserId } from '@mydropbox/protocol';
import type { Logger } from '@mydropbox/server-kit';
import { BlockIndex } from '../blocks/block-index.ts';
import type { SegmentStorage } from '../blocks/segment-storage.ts';
import { namespacesOf } from '../journal/namespaces.ts';
import { type Db, fromBytes } from '../sql.ts';
import { Marks } from './marks.ts';
import type { Pause } from './pace.ts';
import { endOfPast, forgetPast } from './retention.ts';
import { adoptStrays, tidySegments } from './segments.ts';
import { recountUncommitted, sweepBlocks, sweepContents } from './sweep.ts';

export interface CollectOptions {
	readonly db: Db;
	readonly storage: SegmentStorage;
	readonly log: Logger;
	readonly now: () => Date;
	/** A block that nothing names stays this long after its upload: the commit that names it may be on its way. */
	readonly graceMs: number;
	/** Old versions and what was deleted stay this long; for ever when infinite. */
	readonly historyMs: number;
	/** Only say what would go. */
	readonly dryRun: boolean;
	readonly pause: Pause;
}

export interface CollectSummary {
	/** Old versions, and deleted nodes whose content went. */
	statesForgotten: number;
	contentsRemoved: number;
	blocksRemoved: number;
	bytesRemoved: number;
	segmentsDeleted: number;
	segmentsCompacted: number;
	segmentsAdopted: number;
}

/**
 * One run of the collector: forgets the past beyond the time that history is kept, removes what nothing names any more,
 * and gives its space back. Beside everything else that the server does; safe to interrupt and to run again.
 */
export async function collectGarbage(options: CollectOptions): Promise<CollectSummary> {
	const { db, dryRun, graceMs, now } = options;
	const summary: CollectSummary = {
		statesForgotten: 0,
		contentsRemoved: 0,
		blocksRemoved: 0,
		bytesRemoved: 0,
		segmentsDeleted: 0,
		segmentsCompacted: 0,
		segmentsAdopted: 0,
	};
	const stores = { ...options, index: new BlockIndex(db) };
	const before = new Date(now().getTime() - graceMs);
	if (!dryRun) summary.segmentsAdopted = await adoptStrays(stores, before, now());
	for (const owner of await ownersOf(db)) {
		await collectOwner(options, owner, before, summary);
		if (dryRun) continue;
		const { segmentsDeleted, segmentsCompacted } = await tidySegments(stores, owner, before);
		summary.segmentsDeleted += segmentsDeleted;
		summary.segmentsCompacted += segmentsCompacted;
	}
	return summary;
}

async function collectOwner(
	{ db, now, historyMs, dryRun, pause }: CollectOptions,
	owner: UserId,
	before: Date,
	summary: CollectSummary,
): Promise<void> {
	const marks = new Marks(db);
	for (const namespace of await namespacesOf(db, owner)) {
		const moment = new Date(Math.max(0, now().getTime() - historyMs));
		const past = await endOfPast(db, namespace, moment);
		if (!dryRun) summary.statesForgotten += await forgetPast(db, namespace, past, moment, pause);
		const unnamed = await marks.markAll(namespace, past, pause);
		if (!dryRun) await sweepContents(db, namespace.id, unnamed, past, pause);
		summary.contentsRemoved += unnamed.length;
	}
	const sweep = { db, index: new BlockIndex(db), owner, marks, before, dryRun, pause };
	const { blocks, bytes } = await sweepBlocks(sweep);
	summary.blocksRemoved += blocks;
	summary.bytesRemoved += bytes;
	if (!dryRun) await recountUncommitted(sweep);
}

/** Whoever has a tree here. Blocks of somebody without one are left alone: most likely it is the database that is wrong. */
async function ownersOf(db: Db): Promise<UserId[]> {
	const rows = await db.selectFrom('Namespaces').select('Owner').distinct().orderBy('Owner').execute();
	return rows.map(({ Owner }) => fromBytes(Owner));
}
