import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BlockRef, ChunkerId, Content, ContentHash } from '@mydropbox/protocol';
import type { Contents } from '../tables.ts';

/** Where a block lies in a content that has several; one that is the whole content is found by the content's hash. */
export class SqliteContents implements Contents {
	readonly #get: StatementSync;
	readonly #put: StatementSync;
	readonly #putBlock: StatementSync;

	constructor(db: DatabaseSync) {
		this.#get = db.prepare('select * from contents where hash = ?');
		this.#put = db.prepare('insert or ignore into contents (hash, chunker, size, blocks) values (?, ?, ?, ?)');
		this.#putBlock = db.prepare('insert or ignore into blocks (hash, content, start) values (?, ?, ?)');
	}

	get(hash: ContentHash): Content | undefined {
		const row = this.#get.get(hash);
		if (!row) return undefined;
		return {
			hash,
			chunker: row.chunker as ChunkerId,
			size: row.size as number,
			blocks: JSON.parse(row.blocks as string) as BlockRef[],
		};
	}

	put({ hash, chunker, size, blocks }: Content): boolean {
		if (this.#put.run(hash, chunker, size, JSON.stringify(blocks)).changes === 0) return false;
		if (blocks.length === 1) return true;
		let start = 0;
		for (const block of blocks) {
			this.#putBlock.run(block.hash, hash, start);
			start += block.size;
		}
		return true;
	}
}
