import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createWorld, type World } from './support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'mydropbox-transfers-'));
let world: World;
let ada: { authorization: string };
let users = 0;
beforeAll(async () => {
	world = await createWorld(`sqlite:${join(directory, 'central.sqlite')}`);
});
beforeEach(async () => {
	world.data.beforeCommit = () => {};
	ada = await world.signIn(`ada${++users}`);
});
afterAll(async () => {
	await world.close();
	rmSync(directory, { recursive: true });
});

const post = (query = {}) =>
	request(world.app)
		.post('/api/v1/files')
		.query({ path: '/', ...query })
		.set(ada);
const upload = (name: string, bytes: string | Buffer, query = {}) =>
	post(query).attach('file', Buffer.from(bytes), name);
const download = (path: string, headers = {}) =>
	request(world.app)
		.get('/api/v1/files/content')
		.query({ path })
		.set({ ...ada, ...headers })
		.buffer(true)
		.parse(bytes);
const names = async () =>
	(await request(world.app).get('/api/v1/files').set(ada)).body.entries.map((entry: { name: string }) => entry.name);

/** A multipart body as bytes, for what no well-behaved client sends. */
const raw = (disposition: Buffer | string, content = 'x', end = '\r\n--b--\r\n') =>
	post()
		.set('content-type', 'multipart/form-data; boundary=b')
		.serialize((body) => body)
		.send(
			Buffer.concat([
				Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; '),
				Buffer.from(disposition),
				Buffer.from(`\r\nContent-Type: text/plain\r\n\r\n${content}${end}`),
			]) as unknown as object,
		);

describe('uploads', () => {
	test('a large file arrives whole, in blocks, and is sent once', async () => {
		const large = randomBytes(30 * 1024 * 1024);
		const { body } = await upload('large.bin', large).expect(201);
		expect(body.files[0]).toMatchObject({ name: 'large.bin', size: large.length });
		const back = await download('/large.bin').expect(200);
		expect(back.body.equals(large)).toBe(true);
		const blocks = world.data.blocks.size;
		await upload('again.bin', large).expect(201);
		expect(world.data.blocks.size).toBe(blocks);
	});

	test('several files, empty ones and any Unicode in one request', async () => {
		const { body } = await post()
			.attach('file', Buffer.from('one'), 'one.txt')
			.attach('file', Buffer.from(''), 'empty')
			.attach('other field', Buffer.from('three'), '文件 😀 "quoted".txt')
			.expect(201);
		expect(body.files.map(({ name, size }: { name: string; size: number }) => [name, size])).toEqual([
			['one.txt', 3],
			['empty', 0],
			['文件 😀 "quoted".txt', 5],
		]);
	});

	test('names become composed Unicode', async () => {
		await upload('cafe\u0301.txt', 'a').expect(201);
		expect(await names()).toEqual(['caf\u00e9.txt']);
	});

	test('the date comes along', async () => {
		const { body } = await upload('a.txt', 'a', { mtime: '2020-02-03T04:05:06.789Z' }).expect(201);
		expect(body.files[0].mtime).toBe('2020-02-03T04:05:06.789Z');
		await upload('b.txt', 'b', { mtime: 'yesterday' }).expect(400);
		const late = await upload('b.txt', 'b', { mtime: '9999-12-31T00:00:00Z' }).expect(400);
		expect(late.body.error.message).toBe('mtime: must lie between the years 1678 and 2262. Nothing was stored.');
	});

	test('a taken name: both are kept, under names that say so', async () => {
		await upload('a.txt', 'one').expect(201);
		const second = await upload('a.txt', 'two').expect(201);
		expect(second.body.files[0].path).toBe('/a (2).txt');
		await upload('a.txt', 'three').expect(201);
		expect(await names()).toEqual(['a (2).txt', 'a (3).txt', 'a.txt']);
		expect((await download('/a.txt')).body.toString()).toBe('one');
	});

	test('the same bytes again are no second file', async () => {
		const first = await upload('a.txt', 'same').expect(201);
		const again = await upload('a.txt', 'same').expect(201);
		expect(again.body.files[0].id).toBe(first.body.files[0].id);
		await upload('a.txt', 'same', { clash: 'refuse' }).expect(201);
		expect(await names()).toEqual(['a.txt']);
	});

	test('replace makes a new version of the same file', async () => {
		const first = await upload('a.txt', 'one').expect(201);
		const second = await upload('a.txt', 'two', { clash: 'replace' }).expect(201);
		expect(second.body.files[0].id).toBe(first.body.files[0].id);
		expect((await download('/a.txt')).body.toString()).toBe('two');
	});

	test('replace also when a device deletes the file in between', async () => {
		await upload('a.txt', 'one').expect(201);
		let commits = 0;
		world.data.beforeCommit = (tree) => void (++commits === 2 && tree.nodes.clear());
		await upload('a.txt', 'two', { clash: 'replace' }).expect(201);
		expect((await download('/a.txt')).body.toString()).toBe('two');
	});

	test('refuse refuses', async () => {
		await upload('a.txt', 'one').expect(201);
		const refused = await upload('a.txt', 'two', { clash: 'refuse' }).expect(409);
		expect(refused.body.error.code).toBe('name-taken');
		await upload('a.txt', 'two', { clash: 'whatever' }).expect(400);
	});

	test('a folder is never replaced by a file', async () => {
		await request(world.app).post('/api/v1/folders').send({ path: '/docs' }).set(ada).expect(201);
		await upload('docs', 'x', { clash: 'replace' }).expect(409);
		await upload('docs', 'x').expect(201);
		expect(await names()).toEqual(['docs', 'docs (2)']);
	});

	test('a full account says so, and which files made it', async () => {
		world.data.quota = 10;
		try {
			const refused = await post()
				.attach('file', Buffer.from('small'), 'small.txt')
				.attach('file', Buffer.from('much too large'), 'large.txt')
				.expect(507);
			expect(refused.body.error).toMatchObject({
				code: 'quota-exceeded',
				message: expect.stringMatching(/large\.txt.*1 of the 2/),
			});
			expect(await names()).toEqual(['small.txt']);
		} finally {
			world.data.quota = 5_000_000_000;
		}
	});

	test.each([
		['dots', '..'],
		['a path', '../../etc/passwd'],
		['256 bytes', 'x'.repeat(256)],
		['a NUL', 'a\0b'],
	])('a bad name is refused: %s', async (_what, name) => {
		const refused = await raw(`filename="${name}"`);
		expect(refused.status).toBe(400);
		expect(['bad-name', 'bad-request', 'truncated-body']).toContain(refused.body.error.code);
		expect(await names()).toEqual([]);
	});

	test('a name that is no UTF-8 is refused', async () => {
		const refused = await raw(
			Buffer.concat([Buffer.from('filename="'), Buffer.from([0x61, 0xff, 0xfe]), Buffer.from('"')]),
		);
		expect(refused.status).toBe(400);
		expect(refused.body.error.message).toContain('UTF-8');
	});

	test('a body that ends early stores nothing', async () => {
		const refused = await raw('filename="cut.txt"', 'half of it', '');
		expect(refused.status).toBe(400);
		expect(refused.body.error.code).toBe('truncated-body');
		expect(await names()).toEqual([]);
	});

	test('what is no upload', async () => {
		await post().send({ file: 'x' }).expect(415);
		await post().expect(415);
		await post().field('file', 'text').expect(400);
		await post({ path: '/nowhere' }).attach('file', Buffer.from('x'), 'a.txt').expect(404);
		await upload('a.txt', 'a').expect(201);
		await post({ path: '/a.txt' }).attach('file', Buffer.from('x'), 'b.txt').expect(400);
	});

	describe('over a real connection', () => {
		let server: Server;
		beforeAll(async () => {
			server = createServer(world.app).listen(0, '127.0.0.1');
			await once(server, 'listening');
		});
		afterAll(() => server.close());

		test('one that the person breaks off stores nothing', async () => {
			const { port } = server.address() as AddressInfo;
			const sending = httpRequest({
				port,
				host: '127.0.0.1',
				method: 'POST',
				path: '/api/v1/files?path=/',
				headers: { ...ada, 'content-type': 'multipart/form-data; boundary=b', 'content-length': 1e9 },
			});
			sending.on('error', () => {});
			const before = world.data.blocks.size;
			sending.write('--b\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n');
			const ended = new Promise((resolve) => server.once('request', (_request, reply) => reply.once('close', resolve)));
			while (world.data.blocks.size === before) {
				if (!sending.write(randomBytes(1024 * 1024))) await once(sending, 'drain');
			}
			sending.destroy();
			await ended;
			expect(await names()).toEqual([]);
		});
	});
});

describe('downloads', () => {
	test('pass on what the data server says about the bytes, and nothing else', async () => {
		await upload('ü <page>.html', '<script>alert(1)</script>').expect(201);
		const { headers, body } = await download('/ü <page>.html').expect(200);
		expect(body.toString()).toBe('<script>alert(1)</script>');
		expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''%C3%BC%20%3Cpage%3E.html");
		expect(headers['x-content-type-options']).toBe('nosniff');
		expect(headers['content-security-policy']).toContain('sandbox');
		expect(headers['x-internal']).toBeUndefined();
	});

	test('ranges, conditions and heads', async () => {
		await upload('a.txt', '0123456789').expect(201);
		const part = await download('/a.txt', { range: 'bytes=2-4' }).expect(206);
		expect(part.body.toString()).toBe('234');
		expect(part.headers['content-range']).toBe('bytes 2-4/10');
		await download('/a.txt', { 'if-none-match': part.headers.etag }).expect(304);
		const head = await request(world.app).head('/api/v1/files/content').query({ path: '/a.txt' }).set(ada).expect(200);
		expect(head.headers['content-length']).toBe('10');
	});

	test('of what is not there, or no file', async () => {
		await download('/gone.txt').expect(404);
		await request(world.app).get('/api/v1/files/content').set(ada).expect(400);
		await request(world.app).get('/api/v1/files/content').query({ path: '/' }).set(ada).expect(400);
	});
});

/** supertest's parsers want text. */
function bytes(answer: unknown, done: (error: Error | null, body: Buffer) => void): void {
	const stream = answer as NodeJS.ReadableStream;
	const pieces: Buffer[] = [];
	stream.on('data', (piece: Buffer) => pieces.push(piece));
	stream.on('end', () => done(null, Buffer.concat(pieces)));
}
