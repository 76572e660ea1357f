import { resolve } from 'node:path';
import {
	BlockIndex,
	BlockStore,
	beginNewEpochs,
	commit,
	type DataSchema,
	type Grant,
	Namespaces,
	Notifier,
	news,
	readContents,
	type SegmentId,
	type SegmentKey,
	SegmentLost,
	type SegmentStorage,
} from '@mydropbox/data-server';
import {
	ApiError,
	ChangesRequest,
	type ChangesResponse,
	type CommitRequest,
	type CommitResponse,
	CommitRequest as CommitSchema,
	type ContentsRequest,
	type ContentsResponse,
	type DataServerId,
	type DeviceId,
	type GetBlocksRequest,
	type MissingBlocksRequest,
	type MissingBlocksResponse,
	type NamespaceChanges,
	type PutBlocksResponse,
	type TokensResponse,
} from '@mydropbox/protocol';
import { encodeFrames, type FramedBlock } from '@mydropbox/protocol/content';
import { type Database, openDatabase, Registry, silentLog } from '@mydropbox/server-kit';
import type { Scheduler } from './scheduler.ts';
import { Backups } from './server-backup.ts';

const SQL = resolve(import.meta.dirname, '../../../sql/data-server');

export const openServerDatabase = (): Promise<Database<DataSchema>> =>
	openDatabase<DataSchema>({ url: 'sqlite::memory:', sqlDir: SQL });

const TOKEN_SECONDS = 15 * 60;

/** Who asks. */
export interface Asker {
	readonly device: DeviceId;
	readonly deviceName: string;
}

/**
 * A data server without its HTTP: the same journal, tree and blocks, on SQLite in memory. What is durable in it survives
 * a restart, as the real one's does.
 */
export class SimServer {
	readonly database: Database<DataSchema>;
	readonly grant: Grant;
	readonly #scheduler: Scheduler;
	#storage: MemoryStorage;
	readonly #good = new Map<string, number>();
	#tokens = 0;
	readonly #index: BlockIndex;
	readonly #now: () => Date;
	readonly #backups: Backups;
	/** What `news` says since something last changed, by question. */
	readonly #answers = new Map<string, Promise<NamespaceChanges[]>>();
	#blocks!: BlockStore;
	#notifier!: Notifier;

	constructor(database: Database<DataSchema>, grant: Grant, scheduler: Scheduler, now: () => Date) {
		this.database = database;
		this.grant = grant;
		this.#scheduler = scheduler;
		this.#now = now;
		this.#backups = new Backups(database, grant.id, grant.owner);
		this.#storage = new MemoryStorage(grant.owner);
		this.#index = new BlockIndex(database.db);
		this.restart();
	}

	/** Only what is in memory is new. */
	restart(): void {
		this.#answers.clear();
		const index = this.#index;
		const metrics = new Registry();
		this.#blocks = new BlockStore({ index, storage: this.#storage, log: silentLog(), metrics, now: this.#now });
		this.#notifier = new Notifier();
	}

	/** A new world: nothing is left of an earlier one made of the same seed. */
	async open(): Promise<void> {
		await this.#backups.clear();
		await new Namespaces(this.database.db, this.#now).ensure(this.grant);
	}

	/** A new access token, for as long as real ones are good. */
	async tokens({ device }: Asker): Promise<TokensResponse> {
		const token = `${device} ${++this.#tokens}`;
		this.#good.set(token, this.#scheduler.now + TOKEN_SECONDS * 1000);
		const namespaces = [{ id: this.grant.id, kind: 'root' as const, rights: this.grant.rights }];
		const where = { dataServer: 'simulated' as DataServerId, url: 'http://simulated', available: true };
		return { grants: [{ ...where, token, expiresIn: TOKEN_SECONDS, namespaces }] };
	}

	/** The tokens that were given out are no longer good. */
	expireTokens(): void {
		this.#good.clear();
	}

	/** @throws ApiError `token-expired` */
	check(token: string | null): void {
		if (this.#scheduler.now > (this.#good.get(token ?? '') ?? 0))
			throw new ApiError('token-expired', 'The token has expired.');
	}

	/** @returns what goes back to this moment, as a person does who restores a backup and begins a new epoch. */
	async backUp(): Promise<() => Promise<void>> {
		const backup = await this.#backups.take();
		const segments = this.#storage.copy();
		return async () => {
			await this.#backups.restore(backup);
			this.#storage = segments.copy();
			await beginNewEpochs(this.database.db);
			this.restart();
		};
	}

	async changes(request: ChangesRequest): Promise<ChangesResponse> {
		const { cursors, limit, waitMs } = ChangesRequest.parse(request);
		const subscription = this.#notifier.subscribe(cursors.map(({ namespace }) => namespace));
		try {
			const namespaces = await this.#news(cursors, limit);
			if (namespaces.length > 0 || waitMs === 0) return { namespaces };
			const timeout = Promise.withResolvers<void>();
			const cancel = this.#scheduler.after(waitMs, timeout.resolve);
			await Promise.race([subscription.changed, timeout.promise]);
			cancel();
			return { namespaces: await this.#news(cursors, limit) };
		} finally {
			subscription.close();
		}
	}

	/** Asked once for all devices that ask the same before anything changes. */
	#news(...[cursors, limit]: Question): Promise<NamespaceChanges[]> {
		const question = JSON.stringify([cursors, limit]);
		const known = this.#answers.get(question);
		if (known) return known;
		const answer = news(this.database.db, cursors, limit);
		this.#answers.set(question, answer);
		return answer;
	}

	async missingBlocks({ hashes }: MissingBlocksRequest): Promise<MissingBlocksResponse> {
		return { missing: await this.#blocks.missing(this.grant.owner, hashes) };
	}

	putBlocks(blocks: readonly FramedBlock[]): Promise<PutBlocksResponse> {
		return this.#blocks.put(this.grant.owner, encodeFrames(blocks));
	}

	async getBlocks({ hashes }: GetBlocksRequest): Promise<FramedBlock[]> {
		const located = await this.#blocks.locate(this.grant.owner, hashes);
		const blocks: FramedBlock[] = [];
		for await (const group of this.#blocks.read(this.grant.owner, located)) {
			for (const { hash, bytes } of group) blocks.push({ hash, bytes: Uint8Array.from(bytes) });
		}
		return blocks;
	}

	async contents({ hashes }: ContentsRequest): Promise<ContentsResponse> {
		return { contents: await readContents(this.database.db, this.grant.id, hashes) };
	}

	async commit(request: CommitRequest, { device, deviceName }: Asker): Promise<CommitResponse> {
		const committer = { grant: this.grant, device, deviceName, at: this.#now() };
		this.#answers.clear();
		const answer = await commit(this.database.db, this.#index, committer, CommitSchema.parse(request));
		if (answer.results.some(({ ok }) => ok)) this.#notifier.notify(request.namespace);
		return answer;
	}
}

type Question = [cursors: Parameters<typeof news>[1], limit: number];

/** Segments in memory; durable as far as this world goes. */
class MemoryStorage implements SegmentStorage {
	readonly #segments: Map<string, Buffer>;
	readonly #owner: SegmentKey['owner'];

	constructor(owner: SegmentKey['owner'], segments = new Map<string, Buffer>()) {
		this.#owner = owner;
		this.#segments = segments;
	}

	copy(): MemoryStorage {
		return new MemoryStorage(this.#owner, new Map(this.#segments));
	}

	async write({ segment }: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number> {
		const bytes = Buffer.concat(await collect(pieces));
		this.#segments.set(segment, bytes);
		return bytes.length;
	}

	async read(key: SegmentKey, offset: number, length: number): Promise<Buffer> {
		const bytes = this.#segments.get(key.segment)?.subarray(offset, offset + length);
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
		const bytes = this.#segments.get(segment);
		return bytes && { bytes: bytes.length, writtenAt: new Date(0) };
	}
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const item of items) list.push(item);
	return list;
}
