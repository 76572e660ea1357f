import type {
	BlockHash,
	Content,
	ContentHash,
	NamespaceId,
	NodeVersion,
	Operation,
	Refusal,
	UserId,
} from '@mydropbox/protocol';
import { contentIsConsistent } from '@mydropbox/protocol/content';
import type { BlockIndex, StoredBlock } from '../blocks/block-index.ts';
import type { Tx } from '../sql.ts';
import { contentSizes, insertContents } from './contents.ts';

/** The contents that a commit's files name: which are known, which come along, and whether their blocks are here. */
export class CommitContents {
	/** Sizes of contents that the namespace has had, of those that came without their block list. */
	readonly #known: Map<ContentHash, number>;
	/** Blocks that are here. */
	readonly #blocks: ReadonlyMap<BlockHash, StoredBlock>;
	readonly #kept = new Map<ContentHash, Content>();

	constructor(known: Map<ContentHash, number>, blocks: ReadonlyMap<BlockHash, StoredBlock>) {
		this.#known = known;
		this.#blocks = blocks;
	}

	static async fetch(
		tx: Tx,
		index: BlockIndex,
		{ id, owner }: { id: NamespaceId; owner: UserId },
		operations: readonly Operation[],
	): Promise<CommitContents> {
		const named = new Set<ContentHash>();
		const blocks = new Set<BlockHash>();
		for (const operation of operations) {
			if (operation.op !== 'put') continue;
			if (operation.content) for (const { hash } of operation.content.blocks) blocks.add(hash);
			else if (operation.version.kind === 'file') named.add(operation.version.content);
		}
		return new CommitContents(await contentSizes(tx, id, [...named]), await index.stored(owner, [...blocks], tx));
	}

	fault(version: NodeVersion, content: Content | undefined): Refusal | undefined {
		if (version.kind !== 'file') return content ? 'bad-content' : undefined;
		if (!content) {
			const size = this.#known.get(version.content);
			if (size === undefined) return 'unknown-content';
			return size === version.size ? undefined : 'bad-content';
		}
		if (content.hash !== version.content || content.size !== version.size) return 'bad-content';
		if (!contentIsConsistent(content)) return 'bad-content';
		for (const { hash, size } of content.blocks) {
			const stored = this.#blocks.get(hash)?.size;
			if (stored === undefined) return 'missing-blocks';
			// The content hash binds the sizes too, but only to what the client says.
			if (stored !== size) return 'bad-content';
		}
		return undefined;
	}

	keep(content: Content): void {
		if (this.#known.has(content.hash)) return;
		this.#known.set(content.hash, content.size);
		this.#kept.set(content.hash, content);
	}

	/** Contents that came with their block list. The namespace may have had them before. */
	get kept(): Content[] {
		return [...this.#kept.values()];
	}

	async write(tx: Tx, index: BlockIndex, { id, owner }: { id: NamespaceId; owner: UserId }): Promise<void> {
		const { kept } = this;
		const named = new Set(
			kept.flatMap(({ blocks }) => blocks.map(({ hash }) => this.#blocks.get(hash) as StoredBlock)),
		);
		await index.commit(tx, owner, [...named]);
		await insertContents(tx, id, kept);
	}
}
