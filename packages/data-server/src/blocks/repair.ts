import type { BlockHash } from '@mydropbox/protocol';
import type { Logger } from '@mydropbox/server-kit';
import { type Db, fromBytes, toBytes } from '../sql.ts';
import { BlockIndex } from './block-index.ts';
import { inspectSegment, type SegmentReport } from './segment-format.ts';
import type { SegmentKey, SegmentStorage } from './segment-storage.ts';

export interface RepairSummary {
	segments: number;
	intactBlocks: number;
	damagedBlocks: number;
	/** Segments that are unreadable from some point on. */
	brokenSegments: number;
}

/**
 * Makes the tables Blocks and Segments again from what the storage holds: after the database was lost, or restored
 * from a backup older than the segments. Safe to interrupt and to run again. Entries whose segment is gone are removed.
 */
export async function rebuildIndex(
	db: Db,
	storage: SegmentStorage,
	log: Logger,
	now = () => new Date(),
): Promise<RepairSummary> {
	const index = new BlockIndex(db);
	const summary = emptySummary();
	await removeLostSegments(db, storage);
	for await (const key of storage.list()) {
		const { intact } = await check(db, storage, key, summary, log);
		const stat = await storage.stat(key);
		// As if uploaded now: devices get as long as after any upload to say what they still need.
		if (stat && intact.length > 0) await index.adopt(key, stat.bytes, intact, now());
	}
	return summary;
}

/** Reads every indexed segment and marks what is damaged or lost. */
export async function scrub(db: Db, storage: SegmentStorage, log: Logger): Promise<RepairSummary> {
	const summary = emptySummary();
	for (const key of await indexedSegments(db)) await check(db, storage, key, summary, log);
	return summary;
}

/** Inspects one segment; blocks that are not sound where the index expects them count as missing from now on. */
async function check(
	db: Db,
	storage: SegmentStorage,
	key: SegmentKey,
	summary: RepairSummary,
	log: Logger,
): Promise<SegmentReport> {
	const report = await inspectSegment(storage, key);
	const sound = new Set(report.intact.map(({ hash, offset, length }) => `${hash} ${offset} ${length}`));
	const expected = await db
		.selectFrom('Blocks')
		.select(['BlockHash', 'ByteOffset', 'ByteLength'])
		.where('Owner', '=', toBytes(key.owner))
		.where('SegmentId', '=', toBytes(key.segment))
		.execute();
	const unsound = expected.flatMap(({ BlockHash: bytes, ByteOffset, ByteLength }) => {
		const hash = fromBytes<BlockHash>(bytes);
		return sound.has(`${hash} ${ByteOffset} ${ByteLength}`) ? [] : [hash];
	});
	await new BlockIndex(db).markDamaged(key, unsound);

	summary.segments++;
	summary.intactBlocks += report.intact.length;
	summary.damagedBlocks += unsound.length;
	for (const hash of unsound) log.error({ ...key, hash }, 'a stored block is damaged');
	if (report.brokenBecause !== undefined) {
		summary.brokenSegments++;
		log.error({ ...key }, `a segment cannot be read to its end: ${report.brokenBecause}`);
	}
	return report;
}

const emptySummary = (): RepairSummary => ({ segments: 0, intactBlocks: 0, damagedBlocks: 0, brokenSegments: 0 });

async function indexedSegments(db: Db): Promise<SegmentKey[]> {
	const rows = await db.selectFrom('Segments').select(['Owner', 'SegmentId']).execute();
	return rows.map((row) => ({ owner: fromBytes(row.Owner), segment: fromBytes(row.SegmentId) }));
}

async function removeLostSegments(db: Db, storage: SegmentStorage): Promise<void> {
	for (const key of await indexedSegments(db)) {
		if (await storage.stat(key)) continue;
		const owner = toBytes(key.owner);
		const segment = toBytes(key.segment);
		await db.deleteFrom('Blocks').where('Owner', '=', owner).where('SegmentId', '=', segment).execute();
		await db.deleteFrom('Segments').where('Owner', '=', owner).where('SegmentId', '=', segment).execute();
	}
}
