import {
	applyOperations,
	CommitContents,
	type Committer,
	type Grant,
	toState,
	toTombstone,
	WorkingTree,
} from '@mydropbox/data-server';
import {
	ApiError,
	type BlockHash,
	type Change,
	type CommitResponse,
	type Content,
	type ContentHash,
	type DeviceId,
	type Epoch,
	type Name,
	type NamespaceChanges,
	type PutBlocksResponse,
	type Rev,
	randomId,
	rootOf,
} from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { VersionKey } from '../ledger.ts';
import { MemoryTree } from './memory-tree.ts';
import type { Commit, Cursor, ServerData } from './port.ts';

/** All that there is; a backup is a copy of it. */
interface Rows {
	readonly tree: MemoryTree;
	readonly contents: Map<ContentHash, Content>;
	readonly blocks: Map<BlockHash, Uint8Array>;
	/** By idempotency key, with the operations and the answer as JSON. */
	readonly commits: Map<string, { readonly operations: string; readonly answer: string }>;
	totals: WorkingTree['totals'];
	epoch: Epoch;
}

/**
 * The server's rules, which are the real ones, on maps instead of tables: a world spends a third of its time in SQLite,
 * and most worlds are about the daemons.
 */
export class MemoryData implements ServerData {
	readonly #grant: Grant;
	readonly #newEpoch: () => Epoch;
	#rows: Rows;

	constructor(grant: Grant, randomBytes: (size: number) => Uint8Array) {
		this.#grant = grant;
		this.#newEpoch = () => randomId<Epoch>(randomBytes);
		const root = {
			id: rootOf(grant.id),
			parent: null,
			name: '' as Name,
			version: { kind: 'folder' } as const,
			rev: 0 as Rev,
			subtreeRev: 0 as Rev,
			changedBy: '' as DeviceId,
			changedAt: '',
		};
		this.#rows = {
			tree: new MemoryTree([root]),
			contents: new Map(),
			blocks: new Map(),
			commits: new Map(),
			totals: { head: 0 as Rev, maxDepth: 0, bytesUsed: 0, files: 0 },
			epoch: this.#newEpoch(),
		};
	}

	async open(): Promise<void> {
		// It is made open, and of this world alone.
	}

	restart(): void {
		// Nothing here would be lost.
	}

	async backUp(): Promise<() => Promise<void>> {
		const backup = copyOf(this.#rows);
		return async () => {
			this.#rows = { ...copyOf(backup), epoch: this.#newEpoch() };
		};
	}

	async news(cursor: Cursor, limit: number): Promise<NamespaceChanges | undefined> {
		const { tree, totals, epoch } = this.#rows;
		const { head } = totals;
		if (cursor.epoch === epoch && cursor.rev === head) return undefined;
		const isFirst = cursor.epoch === null && cursor.rev === 0;
		const reset = !isFirst && (cursor.epoch !== epoch || cursor.rev > head);
		const after = reset ? 0 : cursor.rev;
		const all: Change[] = [...tree.nodes].filter(({ parent }) => parent !== null).map(toState);
		if (after > 0) all.push(...tree.tombstones().map(toTombstone));
		const news = all.filter(({ rev }) => rev > after).sort((a, b) => a.rev - b.rev);
		const changes = news.slice(0, limit);
		const more = news.length > limit;
		return { namespace: this.#grant.id, epoch, reset, changes, cursor: more ? changes.at(-1)!.rev : head, more };
	}

	async commit({ grant, device, at }: Committer, request: Commit): Promise<CommitResponse> {
		const { tree, contents, blocks, commits, totals, epoch } = this.#rows;
		const operations = JSON.stringify(request.operations);
		const earlier = commits.get(request.key);
		if (earlier && earlier.operations !== operations) {
			throw new ApiError(
				'idempotency-mismatch',
				'This key was used before for other operations. Nothing was changed; use a new key for a new commit.',
			);
		}
		if (earlier) return JSON.parse(earlier.answer);
		if (epoch !== request.epoch) {
			throw new ApiError(
				'epoch-changed',
				'The server was restored from a backup since. Nothing was changed; ask for the changes from the beginning, then try again.',
			);
		}
		const sizes = new Map(Array.from(contents.values(), ({ hash, size }) => [hash, size]));
		const stored = new Map(Array.from(blocks, ([hash, { length: size }]) => [hash, { hash, size, isCommitted: true }]));
		const outcome = await applyOperations(request.operations, {
			freshTree: () => new WorkingTree(tree, rootOf(grant.id), totals, { device, at: at.toISOString() }),
			fetchContents: async () => new CommitContents(new Map(sizes), stored),
			quota: grant.quota,
		});
		for (const content of outcome.contents.kept) contents.set(content.hash, content);
		tree.write(outcome.tree);
		this.#rows.totals = outcome.tree.totals;
		const answer: CommitResponse = { head: outcome.tree.totals.head, results: outcome.results };
		commits.set(request.key, { operations, answer: JSON.stringify(answer) });
		return answer;
	}

	async missing(hashes: readonly BlockHash[]): Promise<BlockHash[]> {
		return [...new Set(hashes)].filter((hash) => !this.#rows.blocks.has(hash));
	}

	async put(blocks: readonly FramedBlock[]): Promise<PutBlocksResponse> {
		const response = { stored: 0, bytes: 0 };
		for (const { hash, bytes } of blocks) {
			if (this.#rows.blocks.has(hash)) continue;
			this.#rows.blocks.set(hash, Uint8Array.from(bytes));
			response.stored++;
			response.bytes += bytes.length;
		}
		return response;
	}

	async get(hashes: readonly BlockHash[]): Promise<FramedBlock[]> {
		return hashes.map((hash) => ({ hash, bytes: found(this.#rows.blocks, hash, 'block').slice() }));
	}

	async contents(hashes: readonly ContentHash[]): Promise<Content[]> {
		return hashes.map((hash) => found(this.#rows.contents, hash, 'content'));
	}

	async pastVersions(): Promise<Set<VersionKey>> {
		const versions = new Set<VersionKey>();
		for (const { node } of this.#rows.tree.ended) {
			if (node.version.kind === 'file') versions.add(node.version.content);
			if (node.version.kind === 'symlink') versions.add(`->${node.version.target}`);
		}
		return versions;
	}
}

const copyOf = ({ tree, contents, blocks, commits, ...more }: Rows): Rows => ({
	...more,
	tree: tree.copy(),
	contents: new Map(contents),
	blocks: new Map(blocks),
	commits: new Map(commits),
});

function found<Hash extends string, Value>(all: ReadonlyMap<Hash, Value>, hash: Hash, what: string): Value {
	const value = all.get(hash);
	if (value !== undefined) return value;
	throw new ApiError('not-found', `There is no ${what} ${hash} here; ask for the latest changes and try again.`);
}
