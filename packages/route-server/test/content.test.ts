import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { closeServer } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { type Fixture, routeServer } from './support.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

describeEachEngine('downloads through the route-server', (engine) => {
	let server: Fixture;
	let front: Server;
	let data: Server;
	let origin: string;
	let token: string;
	let url: string;
	/** What the data server does with a request. */
	let answer: (request: IncomingMessage, reply: ServerResponse) => void;

	const listening = async (it: Server) => {
		await new Promise<void>((resolve) => it.listen(0, '127.0.0.1', resolve));
		return (it.address() as AddressInfo).port;
	};

	beforeAll(async () => {
		server = await routeServer(engine);
		data = createServer((incoming, reply) => answer(incoming, reply));
		await server.beat('one', 1, { listeningPort: await listening(data) });
		front = createServer(server.app);
		origin = `http://127.0.0.1:${await listening(front)}`;
		const grant = await server.grant('ann');
		token = grant.token;
		url = `/v1/content?namespace=${grant.namespaces[0]?.id}&path=${encodeURIComponent('/ü & 100%.txt')}`;
	});
	afterAll(async () => {
		await closeServer(front, 0);
		await closeServer(data, 0);
		await server.close();
	});

	const download = (init: RequestInit = {}) =>
		fetch(origin + url, { ...init, headers: { Authorization: `Bearer ${token}`, ...init.headers } });

	test('passes path, token and conditions on, and status, bytes and headers back', async () => {
		let seen: IncomingMessage | undefined;
		answer = (incoming, reply) => {
			seen = incoming;
			reply.writeHead(206, {
				'content-type': 'text/plain',
				'content-length': 4,
				'content-range': 'bytes 1-4/9',
				'content-disposition': "attachment; filename*=UTF-8''%C3%BC.txt",
				'content-security-policy': "sandbox; default-src 'none'",
				etag: '"abc"',
				'set-cookie': 'evil=1',
				'x-internal': 'yes',
			});
			reply.end('bcde');
		};
		const got = await download({ headers: { Range: 'bytes=1-4', 'If-Range': '"abc"', Cookie: 'private=1' } });
		expect([got.status, await got.text()]).toEqual([206, 'bcde']);
		expect(Object.fromEntries(got.headers)).toMatchObject({
			'content-range': 'bytes 1-4/9',
			'content-disposition': "attachment; filename*=UTF-8''%C3%BC.txt",
			'content-security-policy': "sandbox; default-src 'none'",
			'x-content-type-options': 'nosniff',
			etag: '"abc"',
		});
		expect(got.headers.has('set-cookie') || got.headers.has('x-internal')).toBe(false);
		expect(new URL(`http://x${seen?.url}`).searchParams.get('path')).toBe('/ü & 100%.txt');
		expect(seen?.headers).toMatchObject({ authorization: `Bearer ${token}`, range: 'bytes=1-4', 'if-range': '"abc"' });
		expect(seen?.headers).not.toHaveProperty('cookie');
	});

	test('HEAD has headers only', async () => {
		answer = (incoming, reply) => reply.writeHead(200, { 'content-length': 9, 'x-method': incoming.method }).end();
		const got = await download({ method: 'HEAD' });
		expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, '9', '']);
	});

	test.each([
		[304, { etag: '"abc"' }],
		[416, { 'content-range': 'bytes */9' }],
	])('%i comes through', async (status, headers) => {
		answer = (_incoming, reply) => reply.writeHead(status, headers).end();
		const got = await download();
		expect(got.status).toBe(status);
		expect(Object.fromEntries(got.headers)).toMatchObject(headers);
	});

	test("the data server's refusal is the answer", async () => {
		answer = (_incoming, reply) =>
			reply.writeHead(404).end(JSON.stringify({ error: { code: 'not-found', message: 'No such file.' } }));
		const got = await download();
		expect([got.status, (await got.json()).error]).toEqual([
			404,
			expect.objectContaining({ message: 'No such file.' }),
		]);
	});

	test('a slow reader holds the data server back, and one that leaves stops it', async () => {
		const closed = Promise.withResolvers<void>();
		const stalled = Promise.withResolvers<void>();
		let sent = 0;
		answer = (_incoming, reply) => {
			reply.once('close', closed.resolve);
			const endless = new Readable({
				read() {
					sent += CHUNK.length;
					this.push(CHUNK);
				},
			});
			endless.pipe(reply);
			// The socket buffers are full and nobody reads: the source is not asked any more.
			const look = (before: number) => setTimeout(() => (sent === before ? stalled.resolve() : look(sent)), 200);
			look(sent);
			reply.once('close', () => endless.destroy());
		};
		const leave = new AbortController();
		const got = await download({ signal: leave.signal });
		await stalled.promise;
		expect(sent).toBeLessThan(64 * 1024 * 1024);
		leave.abort();
		await closed.promise;
		await got.body?.cancel().catch(() => {});
	});

	test('a download that breaks off does not look whole', async () => {
		answer = (_incoming, reply) => {
			reply.writeHead(200, { 'content-length': 1000 });
			reply.write('only this', () => reply.destroy());
		};
		const got = await download();
		await expect(got.text()).rejects.toThrow();
	});

	test('nobody gets in without a token that is good now', async () => {
		answer = (_incoming, reply) => reply.end('secret');
		const codes = [];
		for (const authorization of ['', 'Bearer nonsense', 'Basic abc', `Bearer ${token}x`]) {
			const got = await download({ headers: { Authorization: authorization } });
			codes.push((await got.json()).error.code);
		}
		expect(codes).toEqual(Array(4).fill('not-signed-in'));
		const bad = await request(server.app).get('/v1/content').auth(token, { type: 'bearer' }).expect(400);
		expect(bad.body.error.message).toMatch(/^namespace: /);
	});

	test('a data server that is away is said to be away', async () => {
		await server.beat('one', 1, { listeningPort: 1 });
		const got = await download();
		expect([got.status, got.headers.get('retry-after')]).toEqual([503, '10']);
		expect((await got.json()).error).toMatchObject({
			code: 'data-server-unavailable',
			message: expect.stringMatching(/Nothing is lost; try again/),
		});
	});
});
