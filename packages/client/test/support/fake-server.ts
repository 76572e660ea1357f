import { randomBytes } from 'node:crypto';
import type { Content } from '@mydropbox/protocol';
import {
	ApiError,
	type ArrivalId,
	type ArrivingPart,
	type BlockHash,
	type Change,
	type CommitResponse,
	type ContentHash,
	type Epoch,
	type GetBlocksRequest,
	type Name,
	type NodeId,
	type Operation,
	type Rev,
	randomId,
	rootOf,
} from '@mydropbox/protocol';
import { BlockSplitter, type FramedBlock } from '@mydropbox/protocol/content';
import { type GetBlocksOptions, ServerUnreachable, type SyncServer } from '@mydropbox/remote';
import { NAMESPACE } from './ids.ts';

/** A server in memory that takes what is made on the latest state, as the port's contract says. */
export class FakeServer implements SyncServer {
	readonly nodes = new Map<string, Change>();
	readonly contentsByHash = new Map<ContentHash, Content>();
	readonly blocks = new Map<string, Uint8Array>();
	/** What devices have told of. */
	readonly announced: ArrivingPart[] = [];
	/** What others are bringing. */
	readonly #arriving: ArrivingPart[] = [];
	/** Blocks that were asked for. */
	readonly fetched: BlockHash[] = [];
	/** No call is answered. */
	down = false;
	/** The next commit is done, and its answer is lost. */
	loseAnswer = false;
	/** The next commit never arrives. */
	loseCommit = false;
	readonly #answers = new Map<string, CommitResponse>();
	/** Called with each commit before it is answered. */
	onCommit: (operations: readonly Operation[]) => void = () => undefined;
	#rev = 0;
	readonly #epoch = 'e'.repeat(32) as Epoch;
	readonly #news = new Set<() => void>();

	#reach(): void {
		if (this.down) throw new ServerUnreachable('http://fake', Object.assign(new Error(), { code: 'ECONNREFUSED' }));
	}

	/** Paths with the texts of their files, as the server has them. */
	drawing(): Record<string, string> {
		const drawing: Record<string, string> = {};
		for (const node of this.nodes.values()) {
			if (node.kind === 'deleted') continue;
			const names: string[] = [];
			for (let at: Change | undefined = node; at && at.kind !== 'deleted'; at = this.nodes.get(at.parent)) {
				names.unshift(at.name);
			}
			if (node.kind === 'folder') drawing[`${names.join('/')}/`] = '';
			else drawing[names.join('/')] = node.kind === 'symlink' ? `→ ${node.target}` : this.#text(node.content);
		}
		return drawing;
	}

	#text(hash: ContentHash): string {
		const { blocks } = this.contentsByHash.get(hash)!;
		return Buffer.concat(blocks.map((block) => this.blocks.get(block.hash)!)).toString();
	}

	changes: SyncServer['changes'] = async ({ cursors, waitMs = 0, arrivalsAfter }, { signal } = {}) => {
		this.#reach();
		const { epoch, rev } = cursors[0]!;
		if (arrivalsAfter !== undefined && arrivalsAfter < this.#arriving.length) {
			const arrivals = { after: this.#arriving.length, parts: this.#arriving.slice(arrivalsAfter) };
			return { namespaces: [], arrivals };
		}
		if (epoch === this.#epoch && rev === this.#rev) {
			if (waitMs === 0) return { namespaces: [] };
			await new Promise<void>((resolve) => {
				this.#news.add(resolve);
				signal?.addEventListener('abort', () => resolve(), { once: true });
			});
			signal?.throwIfAborted();
			this.#reach();
		}
		if (epoch === this.#epoch && rev === this.#rev) return { namespaces: [] };
		const changes = [...this.nodes.values()].filter((node) => node.rev > rev).sort((a, b) => a.rev - b.rev);
		const page = { epoch: this.#epoch, reset: epoch === null, changes, cursor: this.#rev as Rev, more: false };
		return { namespaces: [{ namespace: NAMESPACE, ...page }] };
	};

	/** Ends all long polls. */
	wake(): void {
		for (const resolve of this.#news) resolve();
		this.#news.clear();
	}

	missingBlocks: SyncServer['missingBlocks'] = async ({ hashes }) => {
		this.#reach();
		return { missing: hashes.filter((hash) => !this.blocks.has(hash)) };
	};

	putBlocks: SyncServer['putBlocks'] = async (_namespace, blocks) => {
		this.#reach();
		for (const { hash, bytes } of blocks as readonly FramedBlock[]) this.blocks.set(hash, Uint8Array.from(bytes));
		return { stored: 0, bytes: 0 };
	};

	announce: SyncServer['announce'] = async ({ namespace: _, ...part }) => {
		this.#reach();
		this.announced.push(part);
	};

	async *getBlocks({ hashes }: GetBlocksRequest, _options?: GetBlocksOptions): ReturnType<SyncServer['getBlocks']> {
		this.#reach();
		const missing = hashes.find((hash) => !this.blocks.has(hash));
		if (missing) throw new ApiError('not-found', 'a block is not there');
		this.fetched.push(...hashes);
		for (const hash of hashes) yield { hash, bytes: Uint8Array.from(this.blocks.get(hash)!) };
	}

	contents: SyncServer['contents'] = async ({ hashes }) => {
		this.#reach();
		const contents = hashes.flatMap((hash) => this.contentsByHash.get(hash) ?? []);
		if (contents.length < hashes.length) throw new ApiError('not-found', 'a content is not there');
		return { contents };
	};

	commit: SyncServer['commit'] = async ({ operations, key }) => {
		this.#reach();
		if (this.loseCommit) {
			this.loseCommit = false;
			throw new ServerUnreachable('http://fake', new Error('it never arrived'));
		}
		const earlier = this.#answers.get(key);
		if (earlier) return earlier;
		const revOf = (node: Change | undefined) => (node && node.kind !== 'deleted' ? node.rev : 0);
		const base = new Map(operations.map(({ id }) => [id, revOf(this.nodes.get(id))]));
		const results = operations.map((operation) => {
			if (operation.base !== base.get(operation.id)) {
				return { ok: false as const, code: 'stale' as const, message: '', node: null };
			}
			this.#apply(operation);
			return { ok: true as const, rev: this.#rev as Rev };
		});
		const answer = { head: this.#rev as Rev, results };
		this.#answers.set(key, answer);
		this.onCommit(operations);
		this.wake();
		if (this.loseAnswer) {
			this.loseAnswer = false;
			throw new ServerUnreachable('http://fake', new Error('the answer was lost'));
		}
		return answer;
	};

	#apply(operation: Operation): void {
		const rev = ++this.#rev as Rev;
		const { id } = operation;
		if (operation.op === 'delete') this.nodes.set(id, { id, rev, kind: 'deleted' });
		else if (operation.op === 'move') {
			const { parent, name } = operation;
			this.nodes.set(id, { ...this.nodes.get(id)!, parent, name, rev } as Change);
		} else {
			const { parent, name, version, content } = operation;
			if (content) this.contentsByHash.set(content.hash, content);
			this.nodes.set(id, { id, parent, name, rev, ...version });
		}
	}

	/** As if another device had deleted it. */
	delete(id: NodeId): void {
		this.nodes.set(id, { id, rev: ++this.#rev as Rev, kind: 'deleted' });
		this.wake();
	}

	/** Of what is there now, by its path without slashes at its end. */
	idOf(path: string): NodeId | undefined {
		let at: NodeId | undefined = rootOf(NAMESPACE);
		for (const name of path.split('/')) {
			at = [...this.nodes.values()].find(
				(node) => node.kind !== 'deleted' && node.parent === at && node.name === name,
			)?.id;
		}
		return at;
	}

	/** As if another device had moved it. */
	move(path: string, to: string): void {
		const cut = to.lastIndexOf('/');
		const parent = cut < 0 ? rootOf(NAMESPACE) : this.idOf(to.slice(0, cut))!;
		const rev = ++this.#rev as Rev;
		const id = this.idOf(path)!;
		this.nodes.set(id, { ...this.nodes.get(id)!, parent, name: to.slice(cut + 1), rev } as Change);
		this.wake();
	}

	/** As if another device had deleted it, with everything in it. */
	deleteAt(path: string): void {
		const remove = (id: NodeId): void => {
			for (const node of this.nodes.values()) if (node.kind !== 'deleted' && node.parent === id) remove(node.id);
			this.nodes.set(id, { id, rev: ++this.#rev as Rev, kind: 'deleted' });
		};
		remove(this.idOf(path)!);
		this.wake();
	}

	/** As if another device were bringing it, in parts of one block. @returns what is told of it. */
	arrive(path: string, bytes: Buffer): ArrivingPart[] {
		const arrival = randomId<ArrivalId>(randomBytes);
		const { parent, name } = this.#place(path);
		const node = this.idOf(path) ?? randomId<NodeId>(randomBytes);
		let start = 0;
		return this.#cut(bytes).blocks.map((block) => {
			start += block.size;
			return { arrival, node, parent, name, size: bytes.length, start: start - block.size, blocks: [block] };
		});
	}

	tell(parts: readonly ArrivingPart[]): void {
		this.#arriving.push(...parts);
		this.wake();
	}

	/** As if another device had written it; the folder that it is in is there. */
	write(path: string, saved: string | Buffer): void {
		const bytes = Buffer.from(saved as string);
		const content = this.#cut(bytes);
		this.contentsByHash.set(content.hash, content);
		const id = this.idOf(path) ?? randomId<NodeId>(randomBytes);
		const version = { kind: 'file', content: content.hash, size: bytes.length, mtime: '0', exec: false };
		const rev = ++this.#rev as Rev;
		this.nodes.set(id, { id, ...this.#place(path), ...version, rev } as Change);
		this.wake();
	}

	#cut(bytes: Buffer): Content {
		const splitter = new BlockSplitter();
		for (const block of [...splitter.push(bytes), ...splitter.end()]) this.blocks.set(block.hash, block.bytes.slice());
		return splitter.content();
	}

	#place(path: string): { parent: NodeId; name: Name } {
		const cut = path.lastIndexOf('/');
		const parent = cut < 0 ? rootOf(NAMESPACE) : this.idOf(path.slice(0, cut))!;
		return { parent, name: path.slice(cut + 1) as Name };
	}

	/** As if another device had made it; in the root unless it says where. */
	put(change: { readonly id: NodeId } & Readonly<Record<string, unknown>>): void {
		const rev = ++this.#rev as Rev;
		this.nodes.set(change.id, { parent: rootOf(NAMESPACE), ...change, rev } as unknown as Change);
		this.wake();
	}
}
