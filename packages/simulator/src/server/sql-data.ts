import { resolve } from 'node:path';
import {
	BlockIndex,
	BlockStore,
	beginNewEpochs,
	type CollectOptions,
	type CollectSummary,
	type Committer,
	collectGarbage,
	commit,
	type DataSchema,
	type Grant,
	Namespaces,
	news,
	readContents,
	type SegmentId,
	type SegmentKey,
	SegmentLost,
	type SegmentStorage,
} from '@mydropbox/data-server';
import type { BlockHash, CommitResponse, ContentHash, NamespaceChanges } from '@mydropbox/protocol';
import { encodeFrames, type FramedBlock } from '@mydropbox/protocol/content';
import { type Database, openDatabase, Registry, silentLog } from '@mydropbox/server-kit';
import type { VersionKey } from '../ledger.ts';
import { Backups } from './backup.ts';
import type { Commit, Cursor, ServerData } from './port.ts';

const SQL = resolve(import.meta.dirname, '../../../../sql/data-server');

export const openServerDatabase = (): Promise<Database<DataSchema>> =>
	openDatabase<DataSchema>({ url: 'sqlite::memory:', sqlDir: SQL });

/** The real journal, tree and blocks, on SQLite in memory. */
export class SqlData implements ServerData {
	readonly #db: Database<DataSchema>['db'];
	readonly #grant: Grant;
	readonly #now: () => Date;
	readonly #backups: Backups;
	readonly #index: BlockIndex;
	/** What `news` says since something last changed, by question: most devices ask what another has just asked. */
	readonly #answers = new Map<string, Promise<NamespaceChanges | undefined>>();
	/** What the collector has taken out of history. */
	#forgotten = new Set<VersionKey>();
	#storage: MemoryStorage;
	#blocks!: BlockStore;

	constructor(database: Database<DataSchema>, grant: Grant, now: () => Date) {
		this.#db = database.db;
		this.#grant = grant;
		this.#now = now;
		this.#backups = new Backups(database);
		this.#storage = new MemoryStorage(grant.owner, now);
		this.#index = new BlockIndex(database.db);
		this.restart();
	}

	async open(): Promise<void> {
		await this.#backups.clear();
		await new Namespaces(this.#db, this.#now).ensure(this.#grant);
	}

	restart(): void {
		this.#answers.clear();
		const metrics = new Registry();
		const parts = { index: this.#index, storage: this.#storage, now: this.#now };
		this.#blocks = new BlockStore({ ...parts, log: silentLog(), metrics });
	}

	async backUp(): Promise<() => Promise<void>> {
		const backup = await this.#backups.take();
		const segments = this.#storage.copy();
		const forgotten = new Set(this.#forgotten);
		return async () => {
			await this.#backups.restore(backup);
			this.#storage = segments.copy();
			this.#forgotten = new Set(forgotten);
			await beginNewEpochs(this.#db);
			this.restart();
		};
	}

	news(cursor: Cursor, limit: number): Promise<NamespaceChanges | undefined> {
		const question = `${cursor.epoch} ${cursor.rev} ${limit}`;
		const known = this.#answers.get(question);
		if (known) return known;
		const answer = news(this.#db, [cursor], limit).then(([found]) => found);
		this.#answers.set(question, answer);
		return answer;
	}

	commit(committer: Committer, request: Commit): Promise<CommitResponse> {
		this.#answers.clear();
		return commit(this.#db, this.#index, committer, request);
	}

	missing(hashes: readonly BlockHash[]) {
		return this.#blocks.missing(this.#grant.owner, hashes);
	}

	put(blocks: readonly FramedBlock[]) {
		return this.#blocks.put(this.#grant.owner, encodeFrames(blocks));
	}

	async get(hashes: readonly BlockHash[]): Promise<FramedBlock[]> {
		const located = await this.#blocks.locate(this.#grant.owner, hashes);
		const blocks: FramedBlock[] = [];
		for await (const group of this.#blocks.read(this.#grant.owner, located)) {
			for (const { hash, bytes } of group) blocks.push({ hash, bytes: Uint8Array.from(bytes) });
		}
		return blocks;
	}

	contents(hashes: readonly ContentHash[]) {
		return readContents(this.#db, this.#grant.id, hashes);
	}

	/**
	 * The real collector.
	 * @param rest between two of its steps.
	 * @returns undefined when the server was restarted meanwhile.
	 */
	async collect(
		settings: Pick<CollectOptions, 'graceMs' | 'historyMs'>,
		rest: () => Promise<void>,
	): Promise<CollectSummary | undefined> {
		const blocks = this.#blocks;
		const pause = async () => {
			await rest();
			if (this.#blocks !== blocks) throw new Restarted();
		};
		for (const version of await this.pastVersions()) this.#forgotten.add(version);
		const machine = { db: this.#db, storage: this.#storage, now: this.#now, log: silentLog() };
		try {
			return await collectGarbage({ ...machine, ...settings, dryRun: false, pause });
		} catch (error) {
			if (error instanceof Restarted) return undefined;
			throw error;
		}
	}

	/** Of all contents that the tree or its history names, those that cannot be read. */
	async unreadable(): Promise<ContentHash[]> {
		const named = await this.#db
			.selectFrom('Nodes')
			.select('ContentHash')
			.union(this.#db.selectFrom('NodeHistory').select('ContentHash'))
			.execute();
		const lost: ContentHash[] = [];
		for (const hash of named.flatMap(({ ContentHash }) => (ContentHash ? [ContentHash.toString('hex')] : []))) {
			const read = this.contents([hash as ContentHash]).then(([content]) =>
				this.get(content!.blocks.map((block) => block.hash)),
			);
			await read.catch(() => lost.push(hash as ContentHash));
		}
		return lost;
	}

	async pastVersions(): Promise<Set<VersionKey>> {
		const rows = await this.#db
			.selectFrom('NodeHistory')
			.select(['ContentHash', 'Target'])
			.where('NamespaceId', '=', Buffer.from(this.#grant.id, 'hex'))
			.execute();
		const found = new Set<VersionKey>(this.#forgotten);
		for (const { ContentHash, Target } of rows) {
			if (ContentHash) found.add(ContentHash.toString('hex') as ContentHash);
			if (Target) found.add(`->${Target.toString()}`);
		}
		return found;
	}
}

class Restarted extends Error {}

/** Segments in memory; durable as far as this world goes. */
class MemoryStorage implements SegmentStorage {
	readonly #segments: Map<string, { bytes: Buffer; writtenAt: Date }>;
	readonly #owner: SegmentKey['owner'];
	readonly #now: () => Date;

	constructor(owner: SegmentKey['owner'], now: () => Date, segments = new Map()) {
		this.#owner = owner;
		this.#now = now;
		this.#segments = segments;
	}

	copy(): MemoryStorage {
		return new MemoryStorage(this.#owner, this.#now, new Map(this.#segments));
	}

	async write({ segment }: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number> {
		const bytes = Buffer.concat(await collect(pieces));
		this.#segments.set(segment, { bytes, writtenAt: this.#now() });
		return bytes.length;
	}

	async read(key: SegmentKey, offset: number, length: number): Promise<Buffer> {
		const bytes = this.#segments.get(key.segment)?.bytes.subarray(offset, offset + length);
		if (bytes?.length !== length) throw new SegmentLost(key, 'is not there');
		return Buffer.from(bytes);
	}

	async *list(): AsyncGenerator<SegmentKey> {
		for (const segment of this.#segments.keys()) yield { owner: this.#owner, segment: segment as SegmentId };
	}

	async delete({ segment }: SegmentKey): Promise<void> {
		this.#segments.delete(segment);
	}

	async stat({ segment }: SegmentKey) {
		const there = this.#segments.get(segment);
		return there && { bytes: there.bytes.length, writtenAt: there.writtenAt };
	}
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const item of items) list.push(item);
	return list;
}
