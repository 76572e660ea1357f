import {
	ApiError,
	type BlockHash,
	type BlockRef,
	type ChunkerId,
	type Content,
	type ContentHash,
	type NamespaceId,
} from '@mydropbox/protocol';
import { hexOf, insertNew, isOneOf } from '@mydropbox/server-kit';
import { type Db, inGroups, type Tx, toBytes } from '../sql.ts';

/** One block in a packed list: 32 bytes hash, 4 bytes size. */
export const PACKED_BYTES = 36;
/** Block lists in one statement; far below what MySQL takes as one packet. */
const STATEMENT_BYTES = 4 * 1024 * 1024;
/** Contents looked up at once: a few may be very long lists. */
const CONTENTS_PER_QUERY = 100;

/** Sizes of those contents that nodes of the namespace name or named. */
export async function contentSizes(
	db: Db,
	namespace: NamespaceId,
	hashes: readonly ContentHash[],
): Promise<Map<ContentHash, number>> {
	const sizes = new Map<ContentHash, number>();
	for (const group of inGroups(hashes)) {
		const rows = await db
			.selectFrom('Contents')
			.select([hexOf('ContentHash').as('ContentHash'), 'Size'])
			.where('NamespaceId', '=', toBytes(namespace))
			.where(isOneOf(db, 'ContentHash', group))
			.execute();
		for (const row of rows) sizes.set(row.ContentHash as ContentHash, row.Size);
	}
	return sizes;
}

/** @throws ApiError `not-found` unless the namespace has had all of them. */
export async function readContents(db: Db, namespace: NamespaceId, hashes: readonly ContentHash[]): Promise<Content[]> {
	const found = new Map<ContentHash, Content>();
	for (const group of inGroups(hashes, CONTENTS_PER_QUERY)) {
		const rows = await db
			.selectFrom('Contents')
			.select([hexOf('ContentHash').as('ContentHash'), 'Size', 'Chunker', 'Blocks'])
			.where('NamespaceId', '=', toBytes(namespace))
			.where(isOneOf(db, 'ContentHash', group))
			.execute();
		for (const row of rows) {
			const hash = row.ContentHash as ContentHash;
			found.set(hash, { hash, size: row.Size, chunker: row.Chunker as ChunkerId, blocks: unpack(row.Blocks) });
		}
	}
	return hashes.map((hash) => {
		const content = found.get(hash);
		if (!content)
			throw new ApiError('not-found', `There is no content ${hash} here; ask for the latest changes and try again.`);
		return content;
	});
}

export async function insertContents(tx: Tx, namespace: NamespaceId, contents: readonly Content[]): Promise<void> {
	const rows = contents.map(({ hash, size, chunker, blocks }) => ({
		NamespaceId: toBytes(namespace),
		ContentHash: toBytes(hash),
		Size: size,
		Chunker: chunker,
		Blocks: pack(blocks),
	}));
	let group: typeof rows = [];
	let bytes = 0;
	for (const row of rows) {
		if (bytes + row.Blocks.length > STATEMENT_BYTES && group.length > 0) {
			await insertNew(tx, 'Contents', group, ['NamespaceId', 'ContentHash']);
			group = [];
			bytes = 0;
		}
		group.push(row);
		bytes += row.Blocks.length;
	}
	await insertNew(tx, 'Contents', group, ['NamespaceId', 'ContentHash']);
}

function pack(blocks: readonly BlockRef[]): Buffer {
	const packed = Buffer.alloc(blocks.length * PACKED_BYTES);
	blocks.forEach(({ hash, size }, index) => {
		packed.write(hash, index * PACKED_BYTES, 'hex');
		packed.writeUInt32BE(size, index * PACKED_BYTES + 32);
	});
	return packed;
}

function unpack(packed: Buffer): BlockRef[] {
	const blocks: BlockRef[] = [];
	for (let at = 0; at < packed.length; at += PACKED_BYTES) {
		blocks.push({ hash: packed.toString('hex', at, at + 32) as BlockHash, size: packed.readUInt32BE(at + 32) });
	}
	return blocks;
}
