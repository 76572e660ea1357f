import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ApiError, VERSION_HEADER } from '@mydropbox/protocol';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { isFromHere } from '../src/http/health.ts';
import { bearerToken, closeServer, createApp, endpoint, listen } from '../src/index.ts';

interface Context {
	greeting: string;
}

const lines: string[] = [];
const log = pino(
	{ level: 'debug' },
	new Writable({
		write: (chunk, _encoding, done) => {
			lines.push(String(chunk));
			done();
		},
	}),
);

const hello = endpoint({
	method: 'post',
	path: '/v1/hello',
	summary: 'Greets',
	body: z.strictObject({ name: z.string(), list: z.array(z.object({ size: z.number() })).optional() }),
	bodyLimit: 1000,
	query: z.strictObject({ loud: z.stringbool().default(false) }),
	response: z.object({ said: z.string() }),
	status: 201,
	handle: async ({ body, query }, { greeting }: Context) => {
		const said = `${greeting} ${body.name}`;
		return { said: query.loud ? said.toUpperCase() : said };
	},
});
const secret = endpoint({
	method: 'put',
	path: '/v1/secret',
	summary: 'Needs a token before it looks at the body',
	body: z.object({}),
	authenticate: async (incoming, _context: Context) => {
		if (bearerToken(incoming) !== 'open') throw new ApiError('forbidden', 'No.');
		return 'caller' as const;
	},
	handle: async ({ caller, reply }) => {
		reply.set('X-Caller', caller);
	},
});
const boom = endpoint({
	method: 'get',
	path: '/v1/boom',
	summary: 'Fails',
	handle: async (_call, _context: Context) => {
		throw new Error('the inner reason');
	},
});
const limited = endpoint({
	method: 'get',
	path: '/v1/limited',
	summary: 'Fails with advice',
	handle: async (_call, _context: Context) => {
		throw new ApiError('too-many-requests', 'Later.', { retryAfter: 7 });
	},
});
const halfway = endpoint({
	method: 'get',
	path: '/v1/halfway',
	summary: 'Fails in the middle of its answer',
	handle: async ({ reply }, _context: Context) => {
		reply.set('Content-Length', '100').write('half');
		throw new Error('broke');
	},
});
const full = endpoint({
	method: 'get',
	path: '/v1/full',
	summary: 'Fails for want of space',
	query: z.object({ path: z.string() }),
	handle: async ({ query }, _context: Context) => {
		throw new ApiError('quota-exceeded', `${query.path} was not stored.`);
	},
});
let waiting: (() => void) | undefined;
let goneSeen: Promise<void> | undefined;
const wait = endpoint({
	method: 'get',
	path: '/v1/wait',
	summary: 'Waits for the end of the server',
	response: z.object({ news: z.array(z.string()) }),
	handle: async ({ stopping, gone }, _context: Context) => {
		goneSeen = new Promise((resolve) => gone.addEventListener('abort', () => resolve()));
		const over = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()));
		waiting?.();
		await Promise.race([over, goneSeen]);
		return { news: [] };
	},
});

const stopping = new AbortController();
let healthy = true;
const app = createApp<Context>({
	log,
	context: { greeting: 'Hello' },
	endpoints: [hello, secret, boom, limited, halfway, full, wait],
	stopping: stopping.signal,
	checks: {
		database: async () => {
			if (!healthy) throw new Error('away');
		},
	},
});

beforeEach(() => lines.splice(0));
const json = (path: string) => request(app).post(path).set('Content-Type', 'application/json');

test('answers what the handler returns, with the status of the endpoint', async () => {
	const { status, body, headers } = await json('/v1/hello?loud=true').send({ name: 'Ann' });
	expect([status, body]).toEqual([201, { said: 'HELLO ANN' }]);
	expect(headers['x-request-id']).toBeTruthy();
	expect(headers['x-content-type-options']).toBe('nosniff');
	expect(headers[VERSION_HEADER]).toBe('1');
});

test.each([
	['a wrong field', '{"name":3}', 400, 'bad-request', /^name: .*expected string/],
	['a wrong field inside', '{"name":"x","list":[{"size":"big"}]}', 400, 'bad-request', /^list\[0\]\.size: /],
	['an unknown field', '{"name":"x","nmae":1}', 400, 'bad-request', /"nmae"/],
	[
		'a long unknown field',
		`{"name":"x","${'n'.repeat(800)}":1}`,
		400,
		'bad-request',
		/"n{200,300}…\. Nothing was done\.$/,
	],
	['no JSON', '{"name', 400, 'bad-request', /not valid JSON/],
	['no object', '"text"', 400, 'bad-request', /not valid JSON/],
	['too much', `{"name":"${'x'.repeat(2000)}"}`, 413, 'too-large', /larger/],
])('%s is refused and named', async (_what, text, status, code, message) => {
	const response = await json('/v1/hello').send(text);
	expect(response.status).toBe(status);
	expect(response.body.error.code).toBe(code);
	expect(response.body.error.message).toMatch(message);
	expect(response.body.error.request).toBe(response.headers['x-request-id']);
});

test('a body must be there, be JSON, and be called so', async () => {
	expect((await request(app).post('/v1/hello')).body.error.message).toMatch(/missing/);
	const form = await request(app).post('/v1/hello').type('form').send('name=x');
	expect([form.status, form.body.error.code]).toEqual([415, 'unsupported-type']);
	const packed = await json('/v1/hello').set('Content-Encoding', 'mystery').send('{}');
	expect([packed.status, packed.body.error.code]).toEqual([415, 'unsupported-type']);
});

test('a wrong query names the field', async () => {
	const { status, body } = await json('/v1/hello?loud=maybe').send({ name: 'x' });
	expect([status, body.error.message]).toEqual([400, expect.stringMatching(/^loud: /)]);
	expect((await json('/v1/hello?laud=1').send({ name: 'x' })).body.error.message).toMatch(/laud/);
});

test('who may not enter is refused before the body is looked at', async () => {
	const call = () => request(app).put('/v1/secret').set('Content-Type', 'application/json');
	expect((await call().send('{broken')).body.error.code).toBe('not-signed-in');
	expect((await call().auth('shut', { type: 'bearer' }).send('{broken')).body.error.code).toBe('forbidden');
	const { status, headers } = await call().auth('open', { type: 'bearer' }).send({});
	expect([status, headers['x-caller']]).toEqual([204, 'caller']);
});

test('unknown addresses and methods', async () => {
	const nowhere = await request(app).get('/v1/nowhere');
	expect([nowhere.status, nowhere.body.error.code]).toEqual([404, 'no-such-route']);
	const wrong = await request(app).delete('/v1/hello');
	expect([wrong.status, wrong.body.error.code, wrong.headers.allow]).toEqual([405, 'method-not-allowed', 'POST']);
});

test('an unexpected error says nothing about the inside, and everything in the log', async () => {
	const { status, body } = await request(app).get('/v1/boom');
	expect([status, body.error.code]).toEqual([500, 'internal']);
	expect(body.error.message).toContain(body.error.request);
	expect(JSON.stringify(body)).not.toContain('inner');
	expect(lines.join('')).toContain('the inner reason');
});

test('advice on when to try again travels as a header', async () => {
	const { status, headers } = await request(app).get('/v1/limited');
	expect([status, headers['retry-after']]).toEqual([429, '7']);
});

test('an answer that breaks in the middle is cut, not completed', async () => {
	await expect(request(app).get('/v1/halfway')).rejects.toThrow(/aborted|hang up/);
});

test('other protocol versions are refused, neighbours are not', async () => {
	for (const [version, status] of [
		['1', 200],
		['2', 200],
		['3', 426],
		['-1', 426],
		['new', 426],
	] as const) {
		expect((await request(app).get('/healthz').set(VERSION_HEADER, version)).status).toBe(status);
	}
});

// S16
test('what only a newer client knows is refused whole, and it hears who has to update', async () => {
	const ask = (version: string) => request(app).post('/v1/hello').set(VERSION_HEADER, version);
	const field = { name: 'ada', fromTheFuture: true };
	const same = await ask('1').send(field);
	expect([same.status, same.body.error.code]).toEqual([400, 'bad-request']);
	const newer = await ask('2').send(field);
	expect([newer.status, newer.body.error.code]).toEqual([426, 'protocol-version']);
	expect(newer.body.error.message).toMatch(/fromTheFuture.*server has to be updated/);
	const nowhere = await request(app).post('/v1/later').set(VERSION_HEADER, '2');
	expect([nowhere.status, nowhere.body.error.code]).toEqual([426, 'protocol-version']);
});

test('health, readiness, metrics', async () => {
	expect((await request(app).get('/healthz')).body).toEqual({ status: 'ok' });
	expect((await request(app).get('/readyz')).status).toBe(200);
	healthy = false;
	const unready = await request(app).get('/readyz');
	expect([unready.status, unready.body]).toEqual([503, { status: 'not-ready', failed: ['database'] }]);
	healthy = true;
	const { text } = await request(app).get('/metrics');
	expect(text).toMatch(
		/mydropbox_http_request_duration_seconds_count\{method="POST",route="\/v1\/hello",status="201"\}/,
	);
	expect(text).toContain('process_cpu_seconds_total');
});

test('the log has the path of a request, but no query, header or body', async () => {
	await json('/v1/hello?loud=true&token=q-secret').auth('h-secret', { type: 'bearer' }).send({ name: 'b-secret' });
	expect(lines.join('')).toContain('"/v1/hello"');
	expect(lines.join('')).not.toMatch(/secret/);
});

test('the log names no file, also not when something went wrong with it', async () => {
	const answer = await request(app).get('/v1/full').query({ path: 'diary\u2028{"level":"fatal"}' });
	expect(answer.body.error.message).toContain('diary');
	expect(lines.join('')).toContain('quota-exceeded');
	expect(lines.join('')).not.toContain('diary');
});

test('text that is not UTF-8 is refused, not guessed at', async () => {
	const body = Buffer.from('{"name":"caf\xe9"}', 'latin1');
	const sent = await json('/v1/hello')
		.serialize((bytes) => bytes)
		.send(body);
	expect([sent.status, sent.body.error.message]).toEqual([400, 'The body is not valid UTF-8; nothing was done.']);
	for (const query of ['path=caf%e9', 'path=50%']) {
		const asked = await request(app).get(`/v1/full?${query}`);
		expect([query, asked.status, asked.body.error.code]).toEqual([query, 400, 'bad-request']);
	}
});

describe('on a real socket', () => {
	let server: Server;
	let port: number;
	beforeAll(async () => {
		server = createServer(app);
		await listen(server, '127.0.0.1', 0);
		({ port } = server.address() as AddressInfo);
	});

	test('a port in use is named', async () => {
		await expect(listen(createServer(), '127.0.0.1', port)).rejects.toThrow(new RegExp(`Port ${port} .*in use`));
	});

	test('a body that ends early does nothing and leaves no trace but a line', async () => {
		const before = lines.length;
		const socket = connect(port, '127.0.0.1');
		socket.write(
			'POST /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"na',
		);
		const logged = new Promise<void>((resolve) => {
			const look = setInterval(() => {
				if (!lines.slice(before).some((line) => line.includes('the client went away'))) return;
				clearInterval(look);
				resolve();
			}, 5);
		});
		socket.end();
		socket.destroySoon();
		await logged;
	});

	test('a handler hears that its client went away', async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		waiting = resolve;
		const socket = connect(port, '127.0.0.1');
		socket.write('GET /v1/wait HTTP/1.1\r\nHost: x\r\n\r\n');
		await promise;
		socket.destroy();
		await goneSeen;
	});

	test('whoever waits is answered when the server stops', async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		waiting = resolve;
		const answer = fetch(`http://127.0.0.1:${port}/v1/wait`);
		await promise;
		stopping.abort();
		await closeServer(server);
		expect(await (await answer).json()).toEqual({ news: [] });
	});
});

describe('metrics', () => {
	const scrape = (metricsToken?: string) =>
		request(
			createApp<Context>({
				log,
				context: { greeting: 'Hello' },
				endpoints: [],
				stopping: new AbortController().signal,
				metricsToken,
			}),
		).get('/metrics');

	test('are for this machine alone, and not for what a proxy on it passes on', async () => {
		expect((await scrape()).status).toBe(200);
		for (const header of ['x-forwarded-for', 'forwarded']) {
			expect((await scrape().set(header, 'for=203.0.113.9')).body.error.code).toBe('forbidden');
		}
	});

	test('are for whoever knows the token, from anywhere, when there is one', async () => {
		const token = 'a-token-of-16-characters';
		expect((await scrape(token).auth(token, { type: 'bearer' }).set('x-forwarded-for', '203.0.113.9')).status).toBe(
			200,
		);
		expect((await scrape(token)).body.error.code).toBe('not-signed-in');
		expect((await scrape(token).auth('another', { type: 'bearer' })).body.error.code).toBe('forbidden');
	});

	test.each([
		['127.0.0.1', true],
		['127.8.8.8', true],
		['::1', true],
		['::ffff:127.0.0.1', true],
		['192.0.2.7', false],
		['::ffff:192.0.2.7', false],
		['2001:db8::1', false],
		[undefined, false],
	])('a request from %s is from here: %s', (remoteAddress, expected) => {
		expect(isFromHere({ socket: { remoteAddress } as Socket, headers: {} })).toBe(expected);
	});
});

describe('a body that comes slowly', () => {
	const everyMs = 200;
	const arrived = Promise.withResolvers<void>();
	const refused = Promise.withResolvers<void>();
	const put = endpoint({
		method: 'put',
		path: '/v1/bytes',
		summary: 'Reads its body only when another one has been refused',
		response: z.object({ bytes: z.number() }),
		handle: async ({ request: incoming }, _context: Context) => {
			arrived.resolve();
			await refused.promise;
			let bytes = 0;
			for await (const piece of incoming) bytes += (piece as Buffer).length;
			return { bytes };
		},
	});
	let server: Server;
	const send = (bytes: number, announced: number) => {
		const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
		socket.write(`PUT /v1/bytes HTTP/1.1\r\nHost: x\r\nContent-Length: ${announced}\r\n\r\n${'x'.repeat(bytes)}`);
		return socket;
	};
	beforeAll(async () => {
		const { signal } = new AbortController();
		const slowest = { bytes: 1000, everyMs };
		const options = { log, context: { greeting: 'Hello' }, endpoints: [put, hello], stopping: signal, slowest };
		server = createServer(createApp<Context>(options));
		await listen(server, '127.0.0.1', 0);
	});
	afterAll(() => closeServer(server, 0));

	test('is refused in words and its connection is cut; one that waits for the server is not', async () => {
		const patient = request(server).put('/v1/bytes').send('x'.repeat(200_000));
		const answer = patient.then(({ body }) => body);
		await arrived.promise;
		// Nothing of this body comes, so the server waits for it.
		const slow = send(0, 10_000);
		expect(await text(slow)).toMatch(/^HTTP\/1\.1 400 .*truncated-body.*comes too slowly: 0 bytes/s);
		refused.resolve();
		expect(await answer).toEqual({ bytes: 200_000 });
	});

	test('that nobody reads, because the answer did not need it, ends its connection and not the server', async () => {
		const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
		socket.write('GET /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n');
		expect(await text(socket).catch(String)).toMatch(/404|ECONNRESET/);
		expect((await request(server).get('/v1/nothing')).status).toBe(404);
	});
});
