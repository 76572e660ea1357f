import type { NamespaceId, Rev } from '@mydropbox/protocol';
import type { Namespace } from '../journal/namespaces.ts';
import { type Db, inGroups, toBytes } from '../sql.ts';
import { PACKED_BYTES } from '../tree/contents.ts';
import { isNamed, namedSince } from './named.ts';
import type { Pause } from './pace.ts';

const CONTENTS_PER_PAGE = 500;
/** Block lists in memory at once. */
const LISTS_BYTES = 4 * 1024 * 1024;

/** 48 of the 256 bits: of two blocks that share them, one may be kept for nothing, and none is ever lost. */
const keyOf = (hash: Buffer, at = 0): number => hash.readUIntBE(at, 6);

/**
 * The blocks of one owner that the trees still need: those of every content that a current state names, or a past one
 * that is kept. A commit that runs meanwhile is not missed: what was marked holds for a rev, and `catchUp` does the rest.
 */
export class Marks {
	readonly #db: Db;
	readonly #blocks = new Set<number>();
	/** Everything that the namespace names at this rev is marked. */
	readonly #markedUpTo = new Map<NamespaceId, Rev>();

	constructor(db: Db) {
		this.#db = db;
	}

	has(block: Buffer): boolean {
		return this.#blocks.has(keyOf(block));
	}

	/**
	 * Marks what the namespace names.
	 * @param from states that ended at or before this rev do not count.
	 * @returns contents that nothing names; that may be otherwise a moment later.
	 */
	async markAll(namespace: Namespace, from: Rev, pause: Pause): Promise<Buffer[]> {
		const unnamed: Buffer[] = [];
		let after: Buffer = Buffer.alloc(0);
		for (;;) {
			const page = await this.#page(namespace.id, from, after);
			const last = page.at(-1);
			if (!last) break;
			after = last.ContentHash;
			for (const row of page) if (!row.named) unnamed.push(row.ContentHash);
			await this.#markLists(
				this.#db,
				namespace.id,
				page.filter(({ named }) => named),
			);
			await pause();
		}
		this.#markedUpTo.set(namespace.id, namespace.head);
		return unnamed;
	}

	/** Marks what commits have named since. `tx` holds the namespaces locked, so there is no more after this. */
	async catchUp(tx: Db, namespaces: readonly Namespace[]): Promise<void> {
		for (const { id, head } of namespaces) {
			const since = this.#markedUpTo.get(id) ?? (0 as Rev);
			if (since === head) continue;
			const named = await namedSince(tx, id, since);
			for (const group of inGroups(named)) {
				const lists = await tx
					.selectFrom('Contents')
					.select((eb) => ['ContentHash', eb.fn<number>('length', ['Blocks']).as('bytes')])
					.where('NamespaceId', '=', toBytes(id))
					.where('ContentHash', 'in', group)
					.execute();
				await this.#markLists(tx, id, lists);
			}
			this.#markedUpTo.set(id, head);
		}
	}

	#page(namespace: NamespaceId, from: Rev, after: Buffer) {
		const id = toBytes(namespace);
		return this.#db
			.selectFrom('Contents')
			.select((eb) => [
				'ContentHash',
				eb.fn<number>('length', ['Blocks']).as('bytes'),
				isNamed(namespace, from).as('named'),
			])
			.where('NamespaceId', '=', id)
			.where('ContentHash', '>', after)
			.orderBy('ContentHash')
			.limit(CONTENTS_PER_PAGE)
			.execute();
	}

	async #markLists(
		db: Db,
		namespace: NamespaceId,
		lists: readonly { ContentHash: Buffer; bytes: number }[],
	): Promise<void> {
		for (const group of upTo(LISTS_BYTES, lists)) {
			const rows = await db
				.selectFrom('Contents')
				.select('Blocks')
				.where('NamespaceId', '=', toBytes(namespace))
				.where(
					'ContentHash',
					'in',
					group.map(({ ContentHash }) => ContentHash),
				)
				.execute();
			for (const { Blocks } of rows) {
				for (let at = 0; at < Blocks.length; at += PACKED_BYTES) this.#blocks.add(keyOf(Blocks, at));
			}
		}
	}
}

function* upTo<List extends { bytes: number }>(limit: number, lists: readonly List[]): Generator<List[]> {
	let group: List[] = [];
	let bytes = 0;
	for (const list of lists) {
		if (group.length > 0 && bytes + list.bytes > limit) {
			yield group;
			group = [];
			bytes = 0;
		}
		group.push(list);
		bytes += list.bytes;
	}
	if (group.length > 0) yield group;
}
