import type { BlockHash, UserId } from '@mydropbox/protocol';
import { insertNew, transact } from '@mydropbox/server-kit';
import { type Db, fromBytes, inGroups, toBytes } from '../sql.ts';
import type { BlockPlace } from './segment-format.ts';
import type { SegmentId, SegmentKey } from './segment-storage.ts';

export interface LocatedBlock extends BlockPlace {
	readonly segment: SegmentId;
}

/** Where every block lies: the tables Blocks and Segments. */
export class BlockIndex {
	readonly #db: Db;

	constructor(db: Db) {
		this.#db = db;
	}

	/** Sizes of those blocks that the owner has, sound as far as is known. */
	async sizes(owner: UserId, hashes: readonly BlockHash[], db: Db = this.#db): Promise<Map<BlockHash, number>> {
		const sizes = new Map<BlockHash, number>();
		for (const group of inGroups(hashes)) {
			const rows = await db
				.selectFrom('Blocks')
				.select(['BlockHash', 'ByteLength'])
				.where('Owner', '=', toBytes(owner))
				.where('BlockHash', 'in', group.map(toBytes))
				.where('IsDamaged', '=', 0)
				.execute();
			for (const row of rows) sizes.set(fromBytes(row.BlockHash), row.ByteLength);
		}
		return sizes;
	}

	/** Places of those blocks that the owner has; one that was found damaged is among them, it may be readable again. */
	async locate(owner: UserId, hashes: readonly BlockHash[]): Promise<Map<BlockHash, LocatedBlock>> {
		const places = new Map<BlockHash, LocatedBlock>();
		for (const group of inGroups(hashes)) {
			const rows = await this.#db
				.selectFrom('Blocks')
				.select(['BlockHash', 'SegmentId', 'ByteOffset', 'ByteLength'])
				.where('Owner', '=', toBytes(owner))
				.where('BlockHash', 'in', group.map(toBytes))
				.execute();
			for (const row of rows) {
				const hash = fromBytes<BlockHash>(row.BlockHash);
				const segment = fromBytes<SegmentId>(row.SegmentId);
				places.set(hash, { hash, segment, offset: row.ByteOffset, length: row.ByteLength });
			}
		}
		return places;
	}

	/** Makes a durable segment known. A block that another segment holds soundly stays where it is. */
	async add({ owner, segment }: SegmentKey, bytes: number, places: readonly BlockPlace[], at: Date): Promise<void> {
		const key = { Owner: toBytes(owner), SegmentId: toBytes(segment) };
		await transact(this.#db, async (tx) => {
			for (const group of inGroups(places)) {
				await tx
					.deleteFrom('Blocks')
					.where('Owner', '=', key.Owner)
					.where(
						'BlockHash',
						'in',
						group.map(({ hash }) => toBytes(hash)),
					)
					.where('IsDamaged', '=', 1)
					.execute();
			}
			const rows = places.map(({ hash, offset, length }) => ({
				...key,
				BlockHash: toBytes(hash),
				ByteOffset: offset,
				ByteLength: length,
				IsDamaged: 0,
			}));
			await insertNew(tx, 'Blocks', rows, ['Owner', 'BlockHash']);
			const row = { ...key, Bytes: bytes, CreatedAt: at.toISOString() };
			await insertNew(tx, 'Segments', [row], ['Owner', 'SegmentId']);
		});
	}

	/** The block counts as missing from now on. Names the place too: the block may have found a better one meanwhile. */
	async markDamaged({ owner, segment }: SegmentKey, hashes: readonly BlockHash[]): Promise<void> {
		for (const group of inGroups(hashes)) {
			await this.#db
				.updateTable('Blocks')
				.set({ IsDamaged: 1 })
				.where('Owner', '=', toBytes(owner))
				.where('BlockHash', 'in', group.map(toBytes))
				.where('SegmentId', '=', toBytes(segment))
				.execute();
		}
	}
}
