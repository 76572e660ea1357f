import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { silentLog } from '@mydropbox/server-kit';
import { type ObjectStore, REGION, segmentStorageContract, startSwift } from '@mydropbox/testkit';
import { S3Bucket } from '../src/blocks/s3-bucket.ts';
import {
	collectGarbage,
	createDataServer,
	openStore,
	rebuildIndex,
	type SegmentKey,
	type Store,
	scrub,
} from '../src/index.ts';
import { blocksOf, Person } from './support/person.ts';
import { newId, publicKey, SERVER_ID } from './support/token.ts';

let swift: ObjectStore;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
	swift = await startSwift();
	Object.assign(process.env, swift.credentials);
	client = new S3Client({ endpoint: swift.endpoint, region: REGION, forcePathStyle: true });
}, 120_000);
afterAll(() => swift?.stop());
beforeEach(async () => {
	bucket = `blocks-${randomBytes(6).toString('hex')}`;
	await client.send(new CreateBucketCommand({ Bucket: bucket }));
});

const address = (prefix = '') => `s3://${bucket}${prefix}?endpoint=${swift.endpoint}&region=${REGION}`;
const newKey = (): SegmentKey => ({ owner: newId(), segment: newId() });
async function all(storage: S3Bucket): Promise<SegmentKey[]> {
	const keys: SegmentKey[] = [];
	for await (const key of storage.list()) keys.push(key);
	return keys;
}
async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* bytes;
}

/** The way to an address, which a test can cut. */
class Line {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#port = 0;

	private constructor(port: number) {
		this.#server = createServer((near) => {
			const far = connect(port, '127.0.0.1');
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				this.#sockets.add(one.on('error', () => other.destroy()));
				one.pipe(other);
			}
		});
	}

	static async to(endpoint: string): Promise<Line> {
		const line = new Line(Number(new URL(endpoint).port));
		await line.mend();
		return line;
	}

	get endpoint(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	cut(): void {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		this.#sockets.clear();
	}

	/** As it was, at the same port. */
	async mend(): Promise<void> {
		this.#server.listen(this.#port, '127.0.0.1');
		await once(this.#server, 'listening');
		this.#port = (this.#server.address() as AddressInfo).port;
	}
}

segmentStorageContract('a bucket', () => S3Bucket.open(address()));
segmentStorageContract('a part of a bucket', () => S3Bucket.open(address('/my/blocks/')));

test('a large segment goes in parts, is whole, and leaves nothing when it is broken off', async () => {
	const storage = await S3Bucket.open(address());
	const [key, broken] = [newKey(), newKey()];
	const bytes = randomBytes(20_000_000);
	const halves = [bytes.subarray(0, 11_000_000), bytes.subarray(11_000_000)] as const;
	expect(await storage.write(key, pieces(...halves))).toBe(bytes.length);
	expect((await storage.read(key, 0, bytes.length)).equals(bytes)).toBe(true);
	expect((await storage.read(key, 10_999_990, 20)).equals(bytes.subarray(10_999_990, 11_000_010))).toBe(true);
	const failing = (async function* () {
		yield* halves;
		throw new Error('the line was cut');
	})();
	await expect(storage.write(broken, failing)).rejects.toThrow('the line was cut');
	const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
	expect(Uploads).toEqual([]);
	expect(await storage.stat(broken)).toBeUndefined();
});

test('what else is in the bucket is not ours', async () => {
	const [ours, theirs] = [await S3Bucket.open(address('/ours')), await S3Bucket.open(address('/theirs'))];
	const key = newKey();
	await ours.write(key, pieces(Buffer.from('abc')));
	await theirs.write(newKey(), pieces(Buffer.from('abc')));
	for (const name of ['README', `ours/${'a'.repeat(32)}/note`, `ours/x/${'a'.repeat(32)}.segment`, 'ours/deep/er/one'])
		await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: 'x' }));
	expect(await all(ours)).toEqual([key]);
});

test('more segments than one page of a list holds', async () => {
	const storage = await S3Bucket.open(address());
	const [owner, keys] = [newId<SegmentKey['owner']>(), new Set<string>()];
	// This one lists a hundred at once.
	await Promise.all(
		Array.from({ length: 210 }, async () => {
			const key = { owner, segment: newId<SegmentKey['segment']>() };
			keys.add(key.segment);
			await storage.write(key, pieces(Buffer.from('x')));
		}),
	);
	const listed = await all(storage);
	expect(new Set(listed.map(({ segment }) => segment))).toEqual(keys);
});

describe('at the start', () => {
	test('a prefix that another data server has is refused, in words; the own one is not', async () => {
		await (await S3Bucket.open(address('/one'))).claim('data1');
		await (await S3Bucket.open(address('/one'))).claim('data1');
		await expect((await S3Bucket.open(address('/one'))).claim('data2')).rejects.toThrow(
			/belongs to the data server data1/,
		);
		await (await S3Bucket.open(address('/two'))).claim('data2');
	});

	test.each<[string, () => string, RegExp]>([
		['a bucket that is not there', () => address().replace(bucket, `${bucket}-no`), /there is none of this name/],
		['nobody who answers', () => `s3://${bucket}?endpoint=http://127.0.0.1:1&region=${REGION}`, /cannot be used/],
		['no bucket', () => 's3:///prefix', /does not name a bucket/],
		['a parameter that is not known', () => `${address()}&secret=1`, /there is no secret/],
	])('%s is told in words', async (_, where, words) => {
		await expect(S3Bucket.open(where())).rejects.toThrow(words);
	});

	test('who may not use it is told so', async () => {
		const { AWS_SECRET_ACCESS_KEY } = process.env;
		process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
		try {
			await expect(S3Bucket.open(address())).rejects.toThrow(/access was refused/);
		} finally {
			process.env.AWS_SECRET_ACCESS_KEY = AWS_SECRET_ACCESS_KEY;
		}
	});
});

describe('a data server with its blocks in a bucket', () => {
	let folder: string;
	let store: Store;
	let ann: Person;
	const log = silentLog();
	const open = (more: object = {}) =>
		openStore({
			database: `sqlite:${join(folder, 'database.sqlite')}`,
			...{ blocks: address('/data'), state: join(folder, 'state'), owner: SERVER_ID },
			...more,
		});

	/** The same person comes back to it. */
	async function begin(more: object = {}): Promise<void> {
		store = await open(more);
		await store.keys.replace([publicKey]);
		const stopping = new AbortController().signal;
		const server = createDataServer({ id: SERVER_ID, store, refreshKeys: async () => {}, log, stopping });
		ann = new Person(server, ann?.identity ?? { user: newId(), name: 'ann', namespace: newId(), device: newId() }, {});
	}
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'mydropbox-bucket-'));
		await begin();
	});
	afterEach(async () => {
		await store.close();
		await rm(folder, { recursive: true, force: true });
	});

	const read = async (name: string) =>
		(
			await ann
				.send('get', '/v1/content')
				.query({ namespace: ann.namespace, path: `/${name}` })
				.expect(200)
		).text;
	const collect = () =>
		collectGarbage({
			...{ db: store.database.db, storage: store.storage, log, dryRun: false, pause: async () => {} },
			...{ graceMs: 0, historyMs: 0, now: () => new Date(Date.now() + 1000) },
		});

	test('keeps files, gives back the space of what is gone, and can be verified and rebuilt', async () => {
		await ann.file('kept.txt', ['it ', 'stays']);
		await ann.upload('never committed');
		await store.database.db.deleteFrom('Blocks').execute();
		await store.database.db.deleteFrom('Segments').execute();
		const { db } = store.database;
		expect(await rebuildIndex(db, store.storage, log)).toMatchObject({ segments: 2, intactBlocks: 3 });
		expect(await read('kept.txt')).toBe('it stays');
		expect(await scrub(db, store.storage, log)).toMatchObject({ intactBlocks: 3, damagedBlocks: 0, brokenSegments: 0 });
		expect(await collect()).toMatchObject({ blocksRemoved: 1, segmentsDeleted: 1 });
		expect(await all(await S3Bucket.open(address('/data')))).toHaveLength(1);
		expect(await read('kept.txt')).toBe('it stays');
	});

	test('goes on with what was copied from a directory', async () => {
		const directory = join(folder, 'blocks');
		await store.close();
		await begin({ blocks: directory });
		await ann.file('kept.txt', 'it stays');
		await store.close();
		for (const name of await readdir(directory, { recursive: true })) {
			if (!name.endsWith('.segment')) continue;
			const Body = await readFile(join(directory, name));
			await client.send(new PutObjectCommand({ Bucket: bucket, Key: `data/${name}`, Body }));
		}
		await begin();
		expect(await read('kept.txt')).toBe('it stays');
		expect(await scrub(store.database.db, store.storage, log)).toMatchObject({ intactBlocks: 1, brokenSegments: 0 });
	});

	test('says so while the bucket cannot be reached, and goes on when it can', async () => {
		const line = await Line.to(swift.endpoint);
		await store.close();
		await begin({ blocks: address('/data').replace(swift.endpoint, line.endpoint) });
		await ann.file('kept.txt', 'it stays');
		line.cut();
		const refused = await ann.putBlocks(blocksOf('more'));
		expect([refused.status, refused.body.error]).toMatchObject([503, { code: 'not-ready' }]);
		expect(refused.body.error.message).toMatch(/cannot reach its storage; nothing was changed/);
		await line.mend();
		await ann.putBlocks(blocksOf('more')).expect(200, { stored: 1, bytes: 4 });
		expect(await read('kept.txt')).toBe('it stays');
		line.cut();
	});

	test('is not opened for another server, nor without a directory of its own', async () => {
		await store.close();
		await expect(open({ owner: 'data2' })).rejects.toThrow(/belongs to the data server data-test/);
		await expect(open({ state: null })).rejects.toThrow(/--state is missing/);
		store = await open();
	});
});
