import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Committer, commit, createDataServer, openStore } from '@mydropbox/data-server';
import {
	type BlockRef,
	CommitRequest,
	type CommitResponse,
	type DataServerId,
	type DeviceId,
	type Mtime,
	type NamespaceId,
	type NodeId,
	randomId,
	rootOf,
	type UserId,
} from '@mydropbox/protocol';
import { blockHash, contentOf, encodeFrames, type FramedBlock } from '@mydropbox/protocol/content';
import { silentLog } from '@mydropbox/server-kit';
import { afterwards, cleanUp } from './support/cleanup.ts';
import { LossyDisk } from './support/power/lossy-disk.ts';

const MINUTES = 60_000;
const owner = randomId<UserId>(randomBytes);
const namespace = randomId<NamespaceId>(randomBytes);
const grant = { id: namespace, owner, ownerName: 'ada', quota: 1e9, rights: 'write' } as const;
const committer: Committer = {
	grant,
	device: randomId<DeviceId>(randomBytes),
	deviceName: 'laptop',
	at: new Date('2026-11-21T12:00:00Z'),
};

/** A data server, with all that it keeps on a disk that may lose its power. */
class Server {
	readonly #store: Awaited<ReturnType<typeof openStore>>;
	readonly #context: ReturnType<typeof createDataServer>['context'];
	#stopped: Promise<void> | undefined;

	static async start(disk: LossyDisk): Promise<Server> {
		const at = (name: string) => join(disk.path, name);
		return new Server(await openStore({ database: `sqlite:${at('db.sqlite')}`, blocks: at('blocks') }));
	}

	private constructor(store: Awaited<ReturnType<typeof openStore>>) {
		this.#store = store;
		const stopping = new AbortController().signal;
		const id = 'data-test' as DataServerId;
		this.#context = createDataServer({ id, store, refreshKeys: async () => {}, log: silentLog(), stopping }).context;
		afterwards(() => this.stop());
	}

	begin(): Promise<void> {
		return this.#context.namespaces.ensure(grant);
	}

	put(blocks: readonly FramedBlock[]): Promise<unknown> {
		// Whoever stores them may give their memory back.
		const own = blocks.map(({ hash, bytes }) => ({ hash, bytes: bytes.slice() }));
		return this.#context.blocks.put(owner, encodeFrames(own));
	}

	missing(blocks: readonly FramedBlock[]): Promise<string[]> {
		return this.#context.blocks.missing(
			owner,
			blocks.map(({ hash }) => hash),
		);
	}

	async commit(name: string, blocks: readonly FramedBlock[]): Promise<CommitResponse> {
		const content = contentOf(blocks.map(({ hash, bytes }): BlockRef => ({ hash, size: bytes.length })));
		const version = {
			kind: 'file',
			content: content.hash,
			size: content.size,
			mtime: '1763718000123456789' as Mtime,
			exec: false,
		} as const;
		const id = randomId<NodeId>(randomBytes);
		const put = { op: 'put', id, base: 0, parent: rootOf(namespace), name, version, content } as const;
		const { db, index } = this.#context;
		const { Epoch } = await db.selectFrom('Namespaces').select('Epoch').executeTakeFirstOrThrow();
		const request = { namespace, epoch: Epoch.toString('hex'), key: randomId(randomBytes), operations: [put] };
		return commit(db, index, committer, CommitRequest.parse(request));
	}

	async read(blocks: readonly FramedBlock[]): Promise<Buffer> {
		const { blocks: store } = this.#context;
		const located = await store.locate(
			owner,
			blocks.map(({ hash }) => hash),
		);
		const pieces: Buffer[] = [];
		for await (const group of store.read(owner, located)) {
			for (const { bytes } of group) pieces.push(Buffer.from(bytes));
		}
		return Buffer.concat(pieces);
	}

	stop(): Promise<void> {
		this.#stopped ??= this.#store.close();
		return this.#stopped;
	}
}

const newBlocks = (count: number): FramedBlock[] =>
	Array.from({ length: count }, () => {
		const bytes = randomBytes(50_000);
		return { hash: blockHash(bytes), bytes };
	});
const bytesOf = (blocks: readonly FramedBlock[]): Buffer => Buffer.concat(blocks.map(({ bytes }) => bytes));

describe('when the power of a data server is cut', () => {
	afterEach(cleanUp, MINUTES);

	it(
		'S1: a file that was committed can be read; blocks that were only uploaded are there or are missing, and can come again',
		async () => {
			const disk = await LossyDisk.make('ext4');
			const before = await Server.start(disk);
			await before.begin();
			const [first, second, uploaded] = [newBlocks(20), newBlocks(20), newBlocks(20)];
			await before.put(first);
			await before.put(second);
			const { results } = await before.commit('kept', [...first, ...second]);
			expect(results).toEqual([{ ok: true, rev: 1 }]);
			await before.put(uploaded);
			expect(await before.missing(uploaded)).toEqual([]);
			const cut = disk.cutNow();
			await before.stop();
			disk.restart(cut);

			const after = await Server.start(disk);
			expect(await after.read([...first, ...second])).toEqual(bytesOf([...first, ...second]));
			// Nothing that was promised depends on them yet: where they lie was left to the system.
			expect(await after.missing(uploaded)).toEqual(uploaded.map(({ hash }) => hash));
			expect((await after.commit('early', uploaded)).results).toMatchObject([{ ok: false, code: 'missing-blocks' }]);
			await after.put(uploaded);
			expect((await after.commit('late', uploaded)).results).toEqual([{ ok: true, rev: 2 }]);
			expect(await after.read(uploaded)).toEqual(bytesOf(uploaded));
		},
		5 * MINUTES,
	);
});
