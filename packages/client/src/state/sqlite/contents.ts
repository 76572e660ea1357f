import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BlockRef, ChunkerId, Content, ContentHash } from '@mydropbox/protocol';
import { contentOf } from '@mydropbox/protocol/content';
import { Recent } from '../recent.ts';
import type { Contents } from '../tables.ts';

/** What is asked for again is asked for soon, like the contents that files were just given. */
const CONTENTS = 8192;
/** Longer ones are read again rather than kept. */
const LONG_CONTENT = 16;

/** Enough of it to find it by, and few pages of them. */
const START_OF_HASH = 'substr(hash, 1, 10)';

interface Known {
	readonly number: number;
	readonly content?: Content;
}

/**
 * Each content has a number, by which states and blocks name it: in the order in which they came, where their hashes would
 * lie in a page of their own each. One that only the server has told of has no block list yet. Where a block lies is noted of
 * contents that have several; one that is the whole content is found by the content's hash.
 */
export class SqliteContents implements Contents {
	readonly #find: StatementSync;
	readonly #get: StatementSync;
	readonly #insert: StatementSync;
	readonly #complete: StatementSync;
	readonly #putBlock: StatementSync;
	readonly #places: StatementSync;
	readonly #recent = new Recent<ContentHash, Known>(CONTENTS);

	constructor(db: DatabaseSync) {
		this.#find = db.prepare(`select number from contents where ${START_OF_HASH} = substr(?1, 1, 10) and hash = ?1`);
		this.#get = db.prepare('select chunker, size, blocks from contents where number = ? and blocks is not null');
		this.#insert = db.prepare('insert into contents (hash, chunker, size, blocks) values (?, ?, ?, ?)');
		this.#complete = db.prepare(
			'update contents set chunker = ?, size = ?, blocks = ? where number = ? and blocks is null',
		);
		this.#putBlock = db.prepare('insert or ignore into blocks (hash, content, start) values (?, ?, ?)');
		this.#places = db.prepare('select content, start from blocks where hash = ?');
	}

	get(hash: ContentHash): Content | undefined {
		const known = this.#known(hash);
		if (!known || known.content) return known?.content;
		const row = this.#get.get(known.number);
		if (!row) return undefined;
		const content: Content = {
			hash,
			chunker: row.chunker as ChunkerId,
			size: row.size as number,
			blocks: JSON.parse(row.blocks as string) as BlockRef[],
		};
		this.#remember(known.number, content);
		return content;
	}

	put(content: Content): boolean {
		const { hash, chunker, size, blocks } = content;
		const list = [chunker, size, JSON.stringify(blocks)] as const;
		const known = this.#known(hash);
		if (known && this.#complete.run(...list, known.number).changes === 0) return false;
		const number = known?.number ?? Number(this.#insert.run(hash, ...list).lastInsertRowid);
		this.#remember(number, content);
		if (blocks.length === 1) return true;
		let start = 0;
		for (const block of blocks) {
			this.#putBlock.run(block.hash, number, start);
			start += block.size;
		}
		return true;
	}

	/** From now on it has one. */
	numberOf(hash: ContentHash): number {
		const known = this.#known(hash);
		if (known) return known.number;
		const number = Number(this.#insert.run(hash, null, null, null).lastInsertRowid);
		this.#recent.set(hash, { number });
		return number;
	}

	/** The contents that hold the block, each with the first place in it. */
	*places({ hash, size }: BlockRef): Generator<{ content: number; start: number }> {
		const alone = contentOf([{ hash, size }]).hash;
		if (this.get(alone)) yield { content: this.numberOf(alone), start: 0 };
		for (const { content, start } of this.#places.all(hash)) {
			yield { content: content as number, start: start as number };
		}
	}

	/** As the table says; to be called when a transaction was taken back. */
	forget(): void {
		this.#recent.clear();
	}

	#known(hash: ContentHash): Known | undefined {
		const recent = this.#recent.get(hash);
		if (recent) return recent;
		const row = this.#find.get(hash);
		if (!row) return undefined;
		const known = { number: row.number as number };
		this.#recent.set(hash, known);
		return known;
	}

	#remember(number: number, content: Content): void {
		if (content.blocks.length <= LONG_CONTENT) this.#recent.set(content.hash, { number, content });
	}
}
