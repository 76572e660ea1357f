import { randomBytes } from 'node:crypto';
import { type BlockHash, randomId, type UserId } from '@mydropbox/protocol';
import { blockHash, type FramedBlock } from '@mydropbox/protocol/content';
import { insertNew, type Logger, transact } from '@mydropbox/server-kit';
import type { BlockIndex, LocatedBlock } from '../blocks/block-index.ts';
import { type BlockPlace, encodeSegment, inspectSegment, segmentBytes } from '../blocks/segment-format.ts';
import { type SegmentId, type SegmentKey, SegmentLost, type SegmentStorage } from '../blocks/segment-storage.ts';
import { type Db, fromBytes, toBytes } from '../sql.ts';
import type { Pause } from './pace.ts';

/** A segment may hold thousands of blocks, and they are counted in one query. */
const SEGMENTS_PER_PAGE = 20;
const KEYS_PER_LOOK = 500;
/** A segment is rewritten when less than this part of it is still needed. */
const WORTH_KEEPING = 0.5;
/** Blocks that are brought together in one new segment. */
const NEW_SEGMENT_BYTES = 64 * 1024 * 1024;

export interface Stores {
	readonly db: Db;
	readonly index: BlockIndex;
	readonly storage: SegmentStorage;
	readonly log: Logger;
	readonly pause: Pause;
}

interface Segment extends SegmentKey {
	readonly createdAt: string;
	/** Bytes of the whole. */
	readonly bytes: number;
	/** Bytes that a segment with only the blocks that the index finds here would have. */
	readonly needed: number;
}

/**
 * Gives the space of what was swept back to the disk. Segments never change: one with nothing in it that the index knows
 * is deleted; what is left of mostly empty ones goes into a new one, durably, before the index says so, and they are
 * deleted after. Interrupted anywhere, it leaves at worst a segment that nobody needs, for the next run.
 * @param before segments that are younger are left as they are.
 */
export async function tidySegments(stores: Stores, owner: UserId, before: Date) {
	const done = { segmentsDeleted: 0, segmentsCompacted: 0 };
	let sparse: Segment[] = [];
	const compact = async () => {
		await moveTogether(stores, owner, sparse);
		done.segmentsCompacted += sparse.length;
		for (const { segment } of sparse) if (await removeEmpty(stores, { owner, segment })) done.segmentsDeleted++;
		sparse = [];
	};
	for await (const segment of allSegments(stores, owner)) {
		if (segment.needed === 0) {
			if (await removeEmpty(stores, segment)) done.segmentsDeleted++;
		} else if (segment.needed < segment.bytes * WORTH_KEEPING && segment.createdAt < before.toISOString()) {
			sparse.push(segment);
			if (sparse.reduce((sum, { needed }) => sum + needed, 0) >= NEW_SEGMENT_BYTES) await compact();
		}
	}
	if (sparse.length > 0) await compact();
	return done;
}

async function* allSegments({ db, pause }: Stores, owner: UserId): AsyncGenerator<Segment> {
	let after: Buffer = Buffer.alloc(0);
	for (;;) {
		const rows = await db
			.selectFrom('Segments')
			.leftJoin('Blocks', (join) =>
				join
					.onRef('Blocks.Owner', '=', 'Segments.Owner')
					.onRef('Blocks.SegmentId', '=', 'Segments.SegmentId')
					// A damaged block is of use only where it is.
					.on('Blocks.IsDamaged', '=', 0),
			)
			.select((eb) => [
				'Segments.SegmentId',
				'Bytes',
				'CreatedAt',
				eb.fn.count<number>('BlockHash').as('blocks'),
				eb.fn.sum<number | null>('ByteLength').as('blockBytes'),
			])
			.where('Segments.Owner', '=', toBytes(owner))
			.where('Segments.SegmentId', '>', after)
			.groupBy(['Segments.SegmentId', 'Bytes', 'CreatedAt'])
			.orderBy('Segments.SegmentId')
			.limit(SEGMENTS_PER_PAGE)
			.execute();
		const last = rows.at(-1);
		if (!last) return;
		after = last.SegmentId;
		for (const row of rows) {
			const needed = row.blocks === 0 ? 0 : segmentBytes(row.blocks, row.blockBytes ?? 0);
			yield { owner, segment: fromBytes(row.SegmentId), createdAt: row.CreatedAt, bytes: row.Bytes, needed };
		}
		await pause();
	}
}

/** Rewrites the blocks that are still needed, verified. One that turns out damaged stays where it is. */
async function moveTogether(stores: Stores, owner: UserId, from: readonly Segment[]): Promise<void> {
	const { db, storage } = stores;
	const key = { owner, segment: randomId<SegmentId>(randomBytes) };
	const old = from.map(({ segment }) => toBytes(segment));
	const places: BlockPlace[] = [];
	const blocks = soundBlocks(stores, owner, await blocksIn(db, owner, old));
	const bytes = await storage.write(
		key,
		encodeSegment(key, blocks, (place) => places.push(place)),
	);
	const createdAt = from
		.map((segment) => segment.createdAt)
		.sort()
		.at(-1) as string;
	await transact(db, async (tx) => {
		for (const { hash, offset } of places) {
			await tx
				.updateTable('Blocks')
				.set({ SegmentId: toBytes(key.segment), ByteOffset: offset })
				.where('Owner', '=', toBytes(owner))
				.where('BlockHash', '=', toBytes(hash))
				.execute();
		}
		const row = { Owner: toBytes(owner), SegmentId: toBytes(key.segment), Bytes: bytes, CreatedAt: createdAt };
		await insertNew(tx, 'Segments', [row], ['Owner', 'SegmentId']);
	});
}

async function blocksIn(db: Db, owner: UserId, segments: readonly Buffer[]): Promise<LocatedBlock[]> {
	const rows = await db
		.selectFrom('Blocks')
		.select(['BlockHash', 'SegmentId', 'ByteOffset', 'ByteLength'])
		.where('Owner', '=', toBytes(owner))
		.where('SegmentId', 'in', segments)
		.where('IsDamaged', '=', 0)
		.orderBy('SegmentId')
		.orderBy('ByteOffset')
		.execute();
	return rows.map((row) => ({
		hash: fromBytes<BlockHash>(row.BlockHash),
		segment: fromBytes<SegmentId>(row.SegmentId),
		offset: row.ByteOffset,
		length: row.ByteLength,
	}));
}

async function* soundBlocks(
	{ index, storage, log, pause }: Stores,
	owner: UserId,
	blocks: readonly LocatedBlock[],
): AsyncGenerator<FramedBlock[]> {
	for (const { hash, segment, offset, length } of blocks) {
		const bytes = await storage.read({ owner, segment }, offset, length).catch((error: unknown) => {
			if (error instanceof SegmentLost) return undefined;
			throw error;
		});
		if (bytes && blockHash(bytes) === hash) {
			yield [{ hash, bytes }];
		} else {
			log.error({ owner, hash, segment, offset }, 'a stored block is damaged');
			await index.markDamaged({ owner, segment }, [hash]);
		}
		await pause();
	}
}

/** A segment never gains blocks, so one without any stays so. The row goes last: it is what finds the segment again. */
async function removeEmpty({ db, storage }: Stores, { owner, segment }: SegmentKey): Promise<boolean> {
	const key = { Owner: toBytes(owner), SegmentId: toBytes(segment) };
	const used = await db
		.selectFrom('Blocks')
		.select('BlockHash')
		.where((eb) => eb.and(key))
		.limit(1)
		.executeTakeFirst();
	if (used) return false;
	await storage.delete({ owner, segment });
	await db
		.deleteFrom('Segments')
		.where((eb) => eb.and(key))
		.execute();
	return true;
}

/**
 * Makes segments known that lie in the storage and not in the index: a server that died between storing and telling, or
 * a database that is older than the storage. Never deleted for that alone; the next runs judge what is in them.
 * @param before segments that were written after this moment may be an upload in the middle.
 * @returns how many there were.
 */
export async function adoptStrays(stores: Stores, before: Date, now: Date): Promise<number> {
	const { index, storage, log, pause } = stores;
	let adopted = 0;
	for await (const key of strays(stores)) {
		const stat = await storage.stat(key);
		if (!stat || stat.writtenAt >= before) continue;
		const { intact, brokenBecause } = await inspectSegment(storage, key);
		if (brokenBecause !== undefined)
			log.warn({ ...key }, `a segment that nobody knows cannot be read: ${brokenBecause}`);
		if (intact.length === 0) continue;
		await index.adopt(key, stat.bytes, intact, now);
		adopted++;
		await pause();
	}
	return adopted;
}

async function* strays({ db, storage }: Stores): AsyncGenerator<SegmentKey> {
	for await (const group of inGroupsOf(KEYS_PER_LOOK, storage.list())) {
		for (const [owner, keys] of Map.groupBy(group, (key) => key.owner)) {
			const rows = await db
				.selectFrom('Segments')
				.select('SegmentId')
				.where('Owner', '=', toBytes(owner))
				.where(
					'SegmentId',
					'in',
					keys.map(({ segment }) => toBytes(segment)),
				)
				.execute();
			const known = new Set(rows.map(({ SegmentId }) => fromBytes<SegmentId>(SegmentId)));
			yield* keys.filter(({ segment }) => !known.has(segment));
		}
	}
}

async function* inGroupsOf<Item>(size: number, items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
	let group: Item[] = [];
	for await (const item of items) {
		group.push(item);
		if (group.length < size) continue;
		yield group;
		group = [];
	}
	if (group.length > 0) yield group;
}
