import type { BlockHash, UserId } from '@mydropbox/protocol';
import { hexOf, insertNew, isOneOf, transact, upsert } from '@mydropbox/server-kit';
import { sql } from 'kysely';
import { type Db, inGroups, type Tx, toBytes } from '../sql.ts';
import type { BlockPlace } from './segment-format.ts';
import type { SegmentId, SegmentKey } from './segment-storage.ts';

export interface LocatedBlock extends BlockPlace {
	readonly segment: SegmentId;
}

/** A block that an owner has, sound as far as is known. */
export interface StoredBlock {
	readonly hash: BlockHash;
	/** Bytes. */
	readonly size: number;
	/** Whether any commit has named it since it was uploaded. */
	readonly isCommitted: boolean;
}

/** Where every block lies: the tables Blocks and Segments; and how much of it nobody has committed: Owners. */
export class BlockIndex {
	readonly #db: Db;

	constructor(db: Db) {
		this.#db = db;
	}

	/** Those of the blocks that the owner has; one that was found damaged is not among them. */
	async stored(
		owner: UserId,
		hashes: readonly BlockHash[],
		db: Db = this.#db,
	): Promise<ReadonlyMap<BlockHash, StoredBlock>> {
		const stored = new Map<BlockHash, StoredBlock>();
		for (const group of inGroups(hashes)) {
			const rows = await db
				.selectFrom('Blocks')
				.select([hexOf('BlockHash').as('BlockHash'), 'ByteLength', 'IsCommitted'])
				.where('Owner', '=', toBytes(owner))
				.where(isOneOf(db, 'BlockHash', group))
				.where('IsDamaged', '=', 0)
				.execute();
			for (const row of rows) {
				const hash = row.BlockHash as BlockHash;
				stored.set(hash, { hash, size: row.ByteLength, isCommitted: row.IsCommitted === 1 });
			}
		}
		return stored;
	}

	/** Places of those blocks that the owner has; one that was found damaged is among them, it may be readable again. */
	async locate(owner: UserId, hashes: readonly BlockHash[]): Promise<Map<BlockHash, LocatedBlock>> {
		const places = new Map<BlockHash, LocatedBlock>();
		for (const group of inGroups(hashes)) {
			const rows = await this.#db
				.selectFrom('Blocks')
				.select([hexOf('BlockHash').as('BlockHash'), hexOf('SegmentId').as('SegmentId'), 'ByteOffset', 'ByteLength'])
				.where('Owner', '=', toBytes(owner))
				.where(isOneOf(this.#db, 'BlockHash', group))
				.execute();
			for (const row of rows) {
				const hash = row.BlockHash as BlockHash;
				const segment = row.SegmentId as SegmentId;
				places.set(hash, { hash, segment, offset: row.ByteOffset, length: row.ByteLength });
			}
		}
		return places;
	}

	/**
	 * Makes a durable segment of an upload known. A block that another segment holds soundly stays where it is. Its
	 * bytes count as uncommitted until `commit` hears of them. What says so is durable with the commit at the latest: it
	 * promises nothing to anybody before.
	 */
	async add(key: SegmentKey, bytes: number, places: readonly BlockPlace[], at: Date): Promise<void> {
		const added = places.reduce((sum, { length }) => sum + length, 0);
		const work = async (tx: Tx) => {
			await insert(tx, key, { bytes, places, at, isCommitted: false });
			await upsert(tx, 'Owners', { Owner: toBytes(key.owner), UncommittedBytes: added }, ['Owner'], (row) => ({
				UncommittedBytes: row('Owners.UncommittedBytes', '+', added),
			}));
		};
		await transact(this.#db, work, { lazily: true });
	}

	/** The same for a segment that was found in the storage: nobody knows what of it was committed. */
	async adopt(key: SegmentKey, bytes: number, places: readonly BlockPlace[], at: Date): Promise<void> {
		await transact(this.#db, (tx) => insert(tx, key, { bytes, places, at, isCommitted: true }));
	}

	/** The blocks have a name in the tree from now on. */
	async commit(tx: Tx, owner: UserId, blocks: readonly StoredBlock[]): Promise<void> {
		const news = blocks.filter(({ isCommitted }) => !isCommitted);
		if (news.length === 0) return;
		for (const group of inGroups(news)) {
			await tx
				.updateTable('Blocks')
				.set({ IsCommitted: 1 })
				.where('Owner', '=', toBytes(owner))
				.where(isOneOf(tx, 'BlockHash', hashesOf(group)))
				.execute();
		}
		await uncount(tx, owner, news);
	}

	/** The blocks are gone; unless they lie in another segment by now. */
	async forget(
		tx: Tx,
		owner: UserId,
		blocks: readonly (StoredBlock & { readonly segment: SegmentId })[],
	): Promise<void> {
		for (const group of inGroups(blocks)) {
			await tx
				.deleteFrom('Blocks')
				.where('Owner', '=', toBytes(owner))
				.where(isOneOf(tx, 'BlockHash', hashesOf(group)))
				.where('SegmentId', 'in', [...new Set(group.map(({ segment }) => segment))].map(toBytes))
				.execute();
		}
		await uncount(tx, owner, blocks);
	}

	/** Bytes that the owner uploaded and nobody has committed. */
	async uncommitted(owner: UserId): Promise<number> {
		const row = await this.#db
			.selectFrom('Owners')
			.select('UncommittedBytes')
			.where('Owner', '=', toBytes(owner))
			.executeTakeFirst();
		return row?.UncommittedBytes ?? 0;
	}

	/** The block counts as missing from now on. Names the place too: the block may have found a better one meanwhile. */
	async markDamaged({ owner, segment }: SegmentKey, hashes: readonly BlockHash[]): Promise<void> {
		for (const group of inGroups(hashes)) {
			await this.#db
				.updateTable('Blocks')
				.set({ IsDamaged: 1 })
				.where('Owner', '=', toBytes(owner))
				.where(isOneOf(this.#db, 'BlockHash', group))
				.where('SegmentId', '=', toBytes(segment))
				.execute();
		}
	}
}

async function uncount(tx: Tx, owner: UserId, blocks: readonly StoredBlock[]): Promise<void> {
	const bytes = blocks.reduce((sum, { size, isCommitted }) => (isCommitted ? sum : sum + size), 0);
	if (bytes === 0) return;
	const rest = sql<number>`case when UncommittedBytes > ${bytes} then UncommittedBytes - ${bytes} else 0 end`;
	await tx.updateTable('Owners').set({ UncommittedBytes: rest }).where('Owner', '=', toBytes(owner)).execute();
}

interface NewSegment {
	readonly bytes: number;
	readonly places: readonly BlockPlace[];
	readonly at: Date;
	readonly isCommitted: boolean;
}

async function insert(tx: Tx, key: SegmentKey, { bytes, places, at, isCommitted }: NewSegment): Promise<void> {
	const columns = { Owner: toBytes(key.owner), SegmentId: toBytes(key.segment) };
	for (const group of inGroups(places)) {
		await tx
			.deleteFrom('Blocks')
			.where('Owner', '=', columns.Owner)
			.where(isOneOf(tx, 'BlockHash', hashesOf(group)))
			.where('IsDamaged', '=', 1)
			.execute();
	}
	const rows = places.map(({ hash, offset, length }) => ({
		...columns,
		BlockHash: toBytes(hash),
		ByteOffset: offset,
		ByteLength: length,
		IsDamaged: 0,
		IsCommitted: isCommitted ? 1 : 0,
	}));
	await insertNew(tx, 'Blocks', rows, ['Owner', 'BlockHash']);
	const row = { ...columns, Bytes: bytes, CreatedAt: at.toISOString() };
	await insertNew(tx, 'Segments', [row], ['Owner', 'SegmentId']);
}

const hashesOf = (blocks: readonly { hash: BlockHash }[]): BlockHash[] => blocks.map(({ hash }) => hash);
