import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import {
	createServer as createHttpServer,
	type Server as HttpServer,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { silentLog } from '@mydropbox/server-kit';
import { type ObjectStore, REGION, segmentStorageContract, startSwift } from '@mydropbox/testkit';
import { type BucketOwner, S3Bucket } from '../src/blocks/s3-bucket.ts';
import {
	collectGarbage,
	createDataServer,
	openStore,
	rebuildIndex,
	type SegmentKey,
	type Store,
	scrub,
} from '../src/index.ts';
import { Line } from './support/line.ts';
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
const OWNER = { store: 'a'.repeat(32), server: SERVER_ID };
const open = (prefix = '', owner: BucketOwner = OWNER) => S3Bucket.open(address(prefix), owner);
const newKey = (): SegmentKey => ({ owner: newId(), segment: newId() });
async function all(storage: S3Bucket): Promise<SegmentKey[]> {
	const keys: SegmentKey[] = [];
	for await (const key of storage.list()) keys.push(key);
	return keys;
}
async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* bytes;
}

segmentStorageContract('a bucket', () => open());
segmentStorageContract('a part of a bucket', () => open('/my/blocks/'));

test('a large segment goes in parts, is whole, and leaves nothing when it is broken off', async () => {
	const storage = await open();
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
	const [ours, theirs] = [await open('/ours'), await open('/theirs')];
	const key = newKey();
	await ours.write(key, pieces(Buffer.from('abc')));
	await theirs.write(newKey(), pieces(Buffer.from('abc')));
	for (const name of ['README', `ours/${'a'.repeat(32)}/note`, `ours/x/${'a'.repeat(32)}.segment`, 'ours/deep/er/one'])
		await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: 'x' }));
	expect(await all(ours)).toEqual([key]);
});

test('more segments than one page of a list holds', async () => {
	const storage = await open();
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

describe('an answer that is not the bucket’s is no loss', () => {
	type Answer = (request: IncomingMessage, reply: ServerResponse) => void;
	let stand: HttpServer;
	let answer: Answer;
	let storage: S3Bucket;
	const key = newKey();
	beforeEach(async () => {
		// Opens as a bucket does; what it answers then is the test's.
		answer = (request, reply) => {
			if (request.method === 'GET') reply.writeHead(404).end(error('NoSuchKey'));
			else reply.end();
		};
		stand = createHttpServer((request, reply) => answer(request, reply)).listen(0, '127.0.0.1');
		await once(stand, 'listening');
		const endpoint = `http://127.0.0.1:${(stand.address() as AddressInfo).port}`;
		const nobody = { store: 'x', server: undefined };
		storage = await S3Bucket.open(`s3://bucket?endpoint=${endpoint}&region=${REGION}`, nobody);
	});
	afterEach(() => {
		stand.closeAllConnections();
		stand.close();
	});

	const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`;
	test.each<[string, Answer]>([
		[
			'404 of whatever stands before it',
			(_, reply) =>
				reply.writeHead(404, { 'content-type': 'text/html' }).end('<html><p>default backend - 404</p></html>'),
		],
		['404 without a word', (_, reply) => reply.writeHead(404).end()],
		['404, the bucket is gone', (_, reply) => reply.writeHead(404).end(error('NoSuchBucket'))],
		['503', (_, reply) => reply.writeHead(503).end(error('SlowDown'))],
		['429', (_, reply) => reply.writeHead(429).end(error('TooManyRequests'))],
		['more than was asked for', (_, reply) => reply.end('x'.repeat(100))],
		['less than was asked for, without saying that it is all', (_, reply) => reply.writeHead(206).end('x')],
		[
			'half of it, and then nothing',
			(_, reply) => reply.writeHead(206, { 'content-length': '10' }).write('x', () => reply.destroy()),
		],
	])(
		'%s',
		async (_, given) => {
			answer = given;
			await expect(storage.read(key, 0, 10)).rejects.toMatchObject({ code: 'not-ready' });
		},
		20_000,
	);

	test.each<[string, Answer]>([
		['404 of whatever stands before it', (_, reply) => reply.writeHead(404).end()],
		[
			'404, and nobody when it is asked again',
			(request, reply) => (request.method === 'HEAD' ? reply.writeHead(404).end() : reply.writeHead(503).end()),
		],
	])(
		'nor when only its size is wanted: %s',
		async (_, given) => {
			answer = given;
			await expect(storage.stat(key)).rejects.toMatchObject({ code: 'not-ready' });
		},
		20_000,
	);
});

describe('at the start', () => {
	test('a prefix that another data server has is refused, in words, also one of the same name; the own one is not', async () => {
		await open('/one');
		await open('/one');
		const twin = { ...OWNER, store: 'b'.repeat(32) };
		const refusal = /belongs to another data server \(data-test\)\. Choose another prefix/;
		await expect(open('/one', twin)).rejects.toThrow(refusal);
		await expect(open('/one', { ...twin, server: undefined })).rejects.toThrow(refusal);
		await open('/one', { ...OWNER, server: undefined });
		await open('/two', twin);
	});

	test('of several that come first at once, one has it', async () => {
		const twins = ['a', 'b', 'c', 'd'].map((letter) => open('/one', { ...OWNER, store: letter.repeat(32) }));
		const opened = (await Promise.allSettled(twins)).filter(({ status }) => status === 'fulfilled');
		const again = ['a', 'b', 'c', 'd'].map((letter) => open('/one', { ...OWNER, store: letter.repeat(32) }));
		const allowed = (await Promise.allSettled(again)).filter(({ status }) => status === 'fulfilled');
		expect([opened.length > 0, allowed.length]).toEqual([true, 1]);
	});

	test.each<[string, () => string, RegExp]>([
		['a bucket that is not there', () => address().replace(bucket, `${bucket}-no`), /there is none of this name/],
		['nobody who answers', () => `s3://${bucket}?endpoint=http://127.0.0.1:1&region=${REGION}`, /cannot be used/],
		['no bucket', () => 's3:///prefix', /does not name a bucket/],
		['a parameter that is not known', () => `${address()}&key=secret`, /does not name a bucket/],
		['a key in the address', () => address().replace('s3://', 's3://key:secret@'), /does not name a bucket/],
		['a key in the endpoint', () => address().replace('http://', 'http://key:secret@'), /does not name a bucket/],
		['half a prefix', () => `s3://${bucket}/one#secret`, /does not name a bucket/],
		['a prefix that is no text', () => `s3://${bucket}/%zz`, /does not name a bucket/],
		['an endpoint that is no address', () => `s3://${bucket}?endpoint=secret`, /does not name a bucket/],
	])('%s is told in words, and nothing of the address that may be a secret', async (_, where, words) => {
		const refused = await S3Bucket.open(where(), OWNER).then(
			() => 'opened',
			(error: Error) => error.message,
		);
		expect(refused).toMatch(words);
		expect(refused).not.toContain('secret');
	});

	test('who may not use it is told so', async () => {
		const { AWS_SECRET_ACCESS_KEY } = process.env;
		process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
		try {
			await expect(open()).rejects.toThrow(/access was refused/);
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
	const openOne = (more: object = {}) =>
		openStore({
			database: `sqlite:${join(folder, 'database.sqlite')}`,
			...{ blocks: address('/data'), state: join(folder, 'state'), owner: SERVER_ID },
			...more,
		});

	/** The same person comes back to it. */
	async function begin(more: object = {}): Promise<void> {
		store = await openOne(more);
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

	/** Whatever has it. */
	const openAnother = async () => store.storage as S3Bucket;
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
		expect(await all(await openAnother())).toHaveLength(1);
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
		await expect(openOne({ state: join(folder, 'another') })).rejects.toThrow(
			/belongs to another data server \(data-test\)/,
		);
		await expect(openOne({ state: null })).rejects.toThrow(/--state is missing/);
		store = await openOne();
	});
});
