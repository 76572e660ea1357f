import type { BlockHash, CommitResponse, Content, NamespaceId, NodeId, Rev, UserId } from '@mydropbox/protocol';
import { encodeFrames } from '@mydropbox/protocol/content';
import { Registry, silentLog } from '@mydropbox/server-kit';
import {
	BlockIndex,
	BlockStore,
	type CollectOptions,
	type CollectSummary,
	collectGarbage,
	commit,
	Namespaces,
	type Store,
} from '../../src/index.ts';
import { readNamespace } from '../../src/journal/namespaces.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type Bytes, blocksOf, fileOf } from './person.ts';
import { newId } from './token.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const GRACE = DAY;
export const HISTORY = 30 * DAY;

type Db = Store['database']['db'];

/** One owner's files and the garbage they leave, on a clock that the test turns. No HTTP in between. */
export class Heap {
	readonly db: Db;
	readonly storage: MemoryStorage;
	readonly index: BlockIndex;
	readonly blocks: BlockStore;
	readonly owner = newId<UserId>();
	readonly namespace = newId<NamespaceId>();
	readonly files = new Map<string, { id: NodeId; rev: Rev; bytes: Bytes }>();
	/** Versions that are over. */
	readonly past: { bytes: Bytes; endedAt: number }[] = [];
	clock = new Date('2026-11-21T12:00:00Z');

	constructor(db: Db, call?: () => void) {
		this.db = db;
		this.storage = new MemoryStorage(this.now, call);
		this.index = new BlockIndex(db);
		this.blocks = this.#store(db);
	}

	readonly now = (): Date => this.clock;

	async open(): Promise<this> {
		await new Namespaces(this.db, this.now).ensure(this.#grant);
		return this;
	}

	later(ms: number): void {
		this.clock = new Date(this.clock.getTime() + ms);
	}

	async upload(bytes: Bytes, limit?: number) {
		return this.blocks.put(this.owner, encodeFrames(blocksOf(bytes)), limit);
	}

	/** Makes or overwrites a file; its blocks have to be here. @returns whether it was accepted. */
	async commit(name: string, bytes: Bytes, index = this.index): Promise<boolean> {
		const before = this.files.get(name);
		const id = before?.id ?? newId<NodeId>();
		const put = { op: 'put', id, base: before?.rev ?? 0, parent: this.namespace, name, ...fileOf(bytes) };
		const { results } = await this.#commit(put, index);
		const [result] = results;
		if (!result?.ok) {
			if (result?.code !== 'missing-blocks') throw new Error(result?.message);
			return false;
		}
		if (before) this.#over(before.bytes);
		this.files.set(name, { id, rev: result.rev, bytes });
		return true;
	}

	async file(name: string, bytes: Bytes): Promise<void> {
		await this.upload(bytes);
		if (!(await this.commit(name, bytes))) throw new Error('refused');
	}

	async remove(name: string): Promise<void> {
		const file = this.files.get(name);
		if (!file) return;
		const { results } = await this.#commit({ op: 'delete', id: file.id, base: file.rev }, this.index);
		if (!results[0]?.ok) throw new Error(results[0]?.message);
		this.#over(file.bytes);
		this.files.delete(name);
	}

	collect(options: Partial<CollectOptions> = {}): Promise<CollectSummary> {
		return collectGarbage({
			db: this.db,
			storage: this.storage,
			log: silentLog(),
			now: this.now,
			graceMs: GRACE,
			historyMs: HISTORY,
			dryRun: false,
			pause: async () => {},
			...options,
		});
	}

	/** The bytes of a content, as a device would get them. */
	async read(bytes: Bytes): Promise<string> {
		const { content } = fileOf(bytes);
		return this.readContent(content);
	}

	async readContent(content: Content): Promise<string> {
		const located = await this.blocks.locate(
			this.owner,
			content.blocks.map(({ hash }) => hash),
		);
		let text = '';
		for await (const group of this.blocks.read(this.owner, located))
			for (const { bytes } of group) text += bytes.toString();
		return text;
	}

	/** S17: every file can be read, and every version that history keeps. */
	async expectAllReadable(): Promise<void> {
		for (const [name, { bytes }] of this.files) expect([name, await this.read(bytes)]).toEqual([name, textOf(bytes)]);
		for (const { bytes, endedAt } of this.past) {
			if (this.clock.getTime() - endedAt < HISTORY) expect(await this.read(bytes)).toBe(textOf(bytes));
		}
	}

	/** Nothing lies here that no current file needs, in no table and not in the storage. */
	async expectNoGarbage(): Promise<void> {
		const needed = new Set([...this.files.values()].flatMap(({ bytes }) => blocksOf(bytes).map(({ hash }) => hash)));
		expect(await this.storedBlocks()).toEqual([...needed].sort());
		const segments = await this.db
			.selectFrom('Segments')
			.select('SegmentId')
			.where('Owner', '=', Buffer.from(this.owner, 'hex'))
			.execute();
		const own = [...this.storage.segments.values()].filter(({ key }) => key.owner === this.owner);
		expect(segments.map(({ SegmentId }) => SegmentId.toString('hex')).sort()).toEqual(
			own.map(({ key }) => key.segment).sort(),
		);
		expect(await this.index.uncommitted(this.owner)).toBe(0);
	}

	async storedBlocks(): Promise<BlockHash[]> {
		const rows = await this.db
			.selectFrom('Blocks')
			.select('BlockHash')
			.where('Owner', '=', Buffer.from(this.owner, 'hex'))
			.orderBy('BlockHash')
			.execute();
		return rows.map(({ BlockHash }) => BlockHash.toString('hex') as BlockHash);
	}

	#over(bytes: Bytes): void {
		this.past.push({ bytes, endedAt: this.clock.getTime() });
	}

	async #commit(operation: object, index: BlockIndex): Promise<CommitResponse> {
		const { epoch } = await readNamespace(this.db, this.namespace);
		const committer = { grant: this.#grant, device: newId<never>(), deviceName: 'laptop', at: this.now() };
		const operations = [operation] as never[];
		return commit(this.db, index, committer, { namespace: this.namespace, epoch, key: newId<never>(), operations });
	}

	get #grant() {
		return { id: this.namespace, owner: this.owner, ownerName: 'ann', quota: 1e9, rights: 'write' as const };
	}

	#store(db: Db): BlockStore {
		const { storage, now } = this;
		return new BlockStore({ index: new BlockIndex(db), storage, log: silentLog(), metrics: new Registry(), now });
	}
}

export const textOf = (bytes: Bytes): string => (typeof bytes === 'string' ? bytes : bytes.join(''));
