import type { BlockHash, NamespaceId, Rev, UserId } from '@mydropbox/protocol';
import { transact } from '@mydropbox/server-kit';
import { sql } from 'kysely';
import type { BlockIndex, StoredBlock } from '../blocks/block-index.ts';
import type { SegmentId } from '../blocks/segment-storage.ts';
import { lockNamespace, lockNamespacesOf } from '../journal/namespaces.ts';
import { type Db, fromBytes, inGroups, type Tx, toBytes } from '../sql.ts';
import type { Marks } from './marks.ts';
import { isNamed } from './named.ts';
import type { Pause } from './pace.ts';

const BLOCKS_PER_PAGE = 2000;

/** Removes those of the contents that still nothing names. */
export async function sweepContents(
	db: Db,
	namespace: NamespaceId,
	unnamed: readonly Buffer[],
	from: Rev,
	pause: Pause,
): Promise<void> {
	for (const group of inGroups(unnamed)) {
		await transact(db, async (tx) => {
			// A commit may just be naming one of them, without sending its block list again.
			await lockNamespace(tx, namespace);
			await tx
				.deleteFrom('Contents')
				.where('NamespaceId', '=', toBytes(namespace))
				.where('ContentHash', 'in', group)
				.where(sql<boolean>`not ${isNamed(namespace, from)}`)
				.execute();
		});
		await pause();
	}
}

export interface Sweep {
	readonly db: Db;
	readonly index: BlockIndex;
	readonly owner: UserId;
	readonly marks: Marks;
	/** Blocks that were stored after this moment stay: their commit is still to come. */
	readonly before: Date;
	readonly dryRun: boolean;
	readonly pause: Pause;
}

/** Removes an owner's unmarked blocks from the index. @returns how many there were. */
export async function sweepBlocks(sweep: Sweep): Promise<{ blocks: number; bytes: number }> {
	const { db, index, owner, marks, before, dryRun, pause } = sweep;
	const total = { blocks: 0, bytes: 0 };
	for await (const page of allBlocks(db, owner, pause)) {
		const dead = page.filter((block) => block.storedAt < before.toISOString() && !marks.has(block.key));
		for (const group of inGroups(dead)) {
			const gone = dryRun
				? group
				: await transact(db, (tx) => remove(tx, sweep, group), { isolation: 'repeatable read' });
			total.blocks += gone.length;
			total.bytes += bytesOf(gone);
		}
		// A block that was damaged and sent again is committed, though no commit has named it since.
		const named = page.filter(({ isCommitted, key }) => !isCommitted && marks.has(key));
		if (!dryRun && named.length > 0) await transact(db, (tx) => index.commit(tx, owner, named));
	}
	return total;
}

/** A commit names a block while it holds its namespace's row, and so do we: one of us comes first. */
async function remove(tx: Tx, { index, owner, marks }: Sweep, candidates: readonly Block[]): Promise<Block[]> {
	await marks.catchUp(tx, await lockNamespacesOf(tx, owner));
	const dead = candidates.filter(({ key }) => !marks.has(key));
	await index.forget(tx, owner, dead);
	return dead;
}

/**
 * Counts anew what nobody has committed: the running count is too high where the same block arrived twice at once.
 * Leaves it when somebody uploads or commits meanwhile.
 */
export async function recountUncommitted({ db, index, owner, pause }: Sweep): Promise<void> {
	const counted = await index.uncommitted(owner);
	if (counted === 0) return;
	let bytes = 0;
	for await (const page of allBlocks(db, owner, pause))
		bytes += bytesOf(page.filter(({ isCommitted }) => !isCommitted));
	await db
		.updateTable('Owners')
		.set({ UncommittedBytes: bytes })
		.where('Owner', '=', toBytes(owner))
		.where('UncommittedBytes', '=', counted)
		.execute();
}

interface Block extends StoredBlock {
	readonly key: Buffer;
	readonly segment: SegmentId;
	readonly storedAt: string;
}

async function* allBlocks(db: Db, owner: UserId, pause: Pause): AsyncGenerator<Block[]> {
	let after: Buffer = Buffer.alloc(0);
	for (;;) {
		const rows = await db
			.selectFrom('Blocks')
			.innerJoin('Segments', (join) =>
				join.onRef('Segments.Owner', '=', 'Blocks.Owner').onRef('Segments.SegmentId', '=', 'Blocks.SegmentId'),
			)
			.select(['BlockHash', 'ByteLength', 'IsCommitted', 'Blocks.SegmentId', 'CreatedAt'])
			.where('Blocks.Owner', '=', toBytes(owner))
			.where('BlockHash', '>', after)
			.orderBy('BlockHash')
			.limit(BLOCKS_PER_PAGE)
			.execute();
		const last = rows.at(-1);
		if (!last) return;
		after = last.BlockHash;
		yield rows.map((row) => ({
			key: row.BlockHash,
			hash: fromBytes<BlockHash>(row.BlockHash),
			size: row.ByteLength,
			isCommitted: row.IsCommitted === 1,
			segment: fromBytes<SegmentId>(row.SegmentId),
			storedAt: row.CreatedAt,
		}));
		await pause();
	}
}

const bytesOf = (blocks: readonly StoredBlock[]): number => blocks.reduce((sum, { size }) => sum + size, 0);
