import { ApiError, type Epoch, type IdempotencyKey, PROTOCOL_VERSION, VERSION_HEADER } from '@mydropbox/protocol';
import { decodeFrames, encodeFrames, endFrame, type FramedBlock, frameHeader } from '@mydropbox/protocol/content';
import { ByteMeter, DataApi, ServerUnreachable, UnexpectedAnswer } from '../src/index.ts';
import { answer, bodyOf, type Handler, refuse, serve, type TestServer } from './support/serve.ts';
import { block, collect, NAMESPACE } from './support/values.ts';

let server: TestServer;
let meter: ByteMeter;
afterEach(() => server.close());

async function apiFor(handler: Handler): Promise<DataApi> {
	server = await serve(handler);
	meter = new ByteMeter();
	return new DataApi(server.origin, { token: 'the-token', meter });
}

const blocks = [block('one'), block('two'), block('three')];
const hashes = blocks.map(({ hash }) => hash);

test('every request names the protocol version and carries the token', async () => {
	const api = await apiFor((_, response) => answer(response, 200, { missing: [] }));
	await api.missingBlocks({ namespace: NAMESPACE, hashes });
	expect(server.requests[0]!.headers).toMatchObject({
		[VERSION_HEADER]: String(PROTOCOL_VERSION),
		authorization: 'Bearer the-token',
	});
});

describe('blocks', () => {
	test.each([
		['an array', () => blocks],
		['a stream', () => stream()],
	])('travel framed from %s and are counted', async (_, source) => {
		let stored: unknown;
		const api = await apiFor(async (request, response) => {
			stored = (await collect(decodeFrames(request))).map(({ hash }) => hash);
			answer(response, 200, { stored: 3, bytes: 11 });
		});
		await expect(api.putBlocks(NAMESPACE, source())).resolves.toEqual({ stored: 3, bytes: 11 });
		expect(stored).toEqual(hashes);
		expect(meter.bytesSent).toBe(11);
	});

	test('come back in the order asked for, and are counted', async () => {
		const api = await apiFor(async (_, response) => {
			for await (const piece of encodeFrames(blocks)) response.write(piece);
			response.end();
		});
		expect(await collect(api.getBlocks({ namespace: NAMESPACE, hashes }))).toEqual(blocks);
		expect(meter.bytesReceived).toBe(11);
	});

	test('what the source of a put throws comes out unchanged', async () => {
		const api = await apiFor((request) => request.resume());
		const failure = Object.assign(new Error('the file changed while it was read'), { code: 'ENOENT' });
		async function* broken() {
			yield blocks[0]!;
			throw failure;
		}
		await expect(api.putBlocks(NAMESPACE, broken())).rejects.toBe(failure);
	});

	test('whoever puts hears when all of it is on its way, before the server has answered', async () => {
		const sent = Promise.withResolvers<void>();
		const api = await apiFor(async (request, response) => {
			await bodyOf(request);
			await sent.promise;
			response.end(JSON.stringify({ stored: blocks.length, bytes: 0 }));
		});
		await api.putBlocks(NAMESPACE, blocks, { onSent: sent.resolve });
	});

	test('a refusal in the middle of a put is heard', async () => {
		const api = await apiFor((_, response) => refuse(response, 507, 'disk-full', { connection: 'close' }));
		const large = Array.from({ length: 8 }, (_, i) => block(String(i).repeat(1024 * 1024)));
		await expect(api.putBlocks(NAMESPACE, large)).rejects.toMatchObject({ code: 'disk-full' });
	});

	const whole = async () => Buffer.concat(await collect(encodeFrames(blocks)));
	test.each<[string, () => Promise<Buffer>, object]>([
		['without their end', async () => (await whole()).subarray(0, -36), { code: 'truncated-body' }],
		['cut in a frame', async () => (await whole()).subarray(0, 37), { code: 'truncated-body' }],
		['with a flipped byte', async () => flip(await whole(), 36), { code: 'bad-block' }],
		['with an impossible length', async () => frameHeader(hashes[0]!, 2 ** 31), { code: 'bad-block' }],
		[
			'in another order',
			async () => Buffer.concat(await collect(encodeFrames(blocks.toReversed()))),
			{ name: 'UnexpectedAnswer' },
		],
		['too few', async () => endFrame(), { name: 'UnexpectedAnswer' }],
	])('%s are never handed out as good', async (_, body, failure) => {
		const bytes = await body();
		const api = await apiFor((_, response) => response.end(bytes));
		await expect(collect(api.getBlocks({ namespace: NAMESPACE, hashes }))).rejects.toMatchObject(failure);
	});

	test('S17: where one came wrong, the server is asked to look at it, and says what is the matter', async () => {
		const bytes = await whole();
		const asked: unknown[] = [];
		const api = await apiFor(async (request, response) => {
			asked.push(JSON.parse((await bodyOf(request)).toString()));
			if (asked.length === 1) response.end(flip(Buffer.from(bytes), bytes.length - 37));
			else refuse(response, 500, 'internal');
		});
		const received: FramedBlock[] = [];
		const reading = (async () => {
			for await (const block of api.getBlocks({ namespace: NAMESPACE, hashes })) received.push(block);
		})();
		await expect(reading).rejects.toMatchObject({ code: 'internal' });
		expect(received).toEqual(blocks.slice(0, -1));
		expect(asked).toEqual([
			{ namespace: NAMESPACE, hashes, verify: false },
			{ namespace: NAMESPACE, hashes: hashes.slice(-1), verify: true },
		]);
	});

	test('one that came wrong for another reason comes again', async () => {
		const bytes = await whole();
		let requests = 0;
		const api = await apiFor(async (_, response) => {
			if (requests++ === 0) response.end(flip(Buffer.from(bytes), 36));
			else response.end(bytes);
		});
		expect(await collect(api.getBlocks({ namespace: NAMESPACE, hashes }))).toEqual(blocks);
	});

	test('whoever verifies them gets them as they came', async () => {
		const bytes = await whole();
		const api = await apiFor((_, response) => response.end(flip(Buffer.from(bytes), 36)));
		const [first, ...others] = await collect(api.getBlocks({ namespace: NAMESPACE, hashes }, { unverified: true }));
		expect(others).toEqual(blocks.slice(1));
		expect(first).toEqual({ hash: hashes[0], bytes: flip(Buffer.from(blocks[0]!.bytes), 0) });
	});

	test('a connection that is cut half-way is an outage', async () => {
		const bytes = await whole();
		const api = await apiFor((_, response) => {
			response.writeHead(200, { 'content-length': bytes.length });
			response.write(bytes.subarray(0, 50), () => response.destroy());
		});
		const received: unknown[] = [];
		const reading = (async () => {
			for await (const { hash } of api.getBlocks({ namespace: NAMESPACE, hashes })) received.push(hash);
		})();
		await expect(reading).rejects.toBeInstanceOf(ServerUnreachable);
		expect(received).toEqual([hashes[0]]);
	});

	test('giving up half-way closes the request', async () => {
		let closed!: () => void;
		const wasClosed = new Promise<void>((resolve) => {
			closed = resolve;
		});
		const bytes = await whole();
		const api = await apiFor((_, response) => {
			response.on('close', closed);
			response.write(bytes.subarray(0, 50));
		});
		for await (const _ of api.getBlocks({ namespace: NAMESPACE, hashes })) break;
		await wasClosed;
	});
});

describe('refusals', () => {
	const usage = (api: DataApi) => api.usage(NAMESPACE);

	test('keep code, message and the time to wait', async () => {
		const api = await apiFor((_, response) => refuse(response, 429, 'too-many-requests', { 'retry-after': '7' }));
		const error = await usage(api).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ApiError);
		expect(error).toMatchObject({ code: 'too-many-requests', message: 'refused: too-many-requests', retryAfter: 7 });
	});

	test.each([
		[409, 'a-code-of-the-future', 'stale'],
		[418, 'a-code-of-the-future', 'bad-request'],
		[599, 'constructor', 'internal'],
	])('with status %i and the unknown code %s become %s', async (status, code, expected) => {
		const api = await apiFor((_, response) => refuse(response, status, code));
		await expect(usage(api)).rejects.toMatchObject({ code: expected });
	});

	test('of a proxy that speaks HTML say who answered what', async () => {
		const api = await apiFor((_, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'));
		await expect(usage(api)).rejects.toMatchObject({
			code: 'upstream-failed',
			message: expect.stringContaining(`${server.origin} answered "502 Bad Gateway"`),
		});
	});
});

describe('nonsense', () => {
	test.each<[string, Handler]>([
		['HTML', (_, response) => response.end('<html>Sign in to the hotel network</html>')],
		['another JSON', (_, response) => answer(response, 200, { hello: 'world' })],
		['nothing', (_, response) => response.end()],
	])('%s instead of an answer is not believed', async (_, handler) => {
		const api = await apiFor(handler);
		await expect(api.usage(NAMESPACE)).rejects.toBeInstanceOf(UnexpectedAnswer);
	});

	test('a commit that is answered for another number of operations is not believed', async () => {
		const api = await apiFor((_, response) => answer(response, 200, { head: 1, results: [] }));
		const id = '22'.repeat(16);
		const commit = api.commit({
			namespace: NAMESPACE,
			epoch: id as Epoch,
			key: id as IdempotencyKey,
			operations: [{ op: 'delete', id, base: 1 } as never],
		});
		await expect(commit).rejects.toBeInstanceOf(UnexpectedAnswer);
	});
});

describe('outages', () => {
	test('a server that is down is named in the message', async () => {
		const api = await apiFor(() => {});
		await server.close();
		const error = await api.usage(NAMESPACE).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ServerUnreachable);
		expect((error as Error).message).toBe(
			`The server at ${server.origin} cannot be reached: connection refused. Nothing is lost; try again when it is back.`,
		);
	});

	test('a server that hangs up is an outage', async () => {
		const api = await apiFor((request) => request.socket.destroy());
		await expect(api.usage(NAMESPACE)).rejects.toBeInstanceOf(ServerUnreachable);
	});

	test('an aborted call rejects with the reason of the signal, and the server sees it', async () => {
		const stop = new AbortController();
		let closed!: () => void;
		const wasClosed = new Promise<void>((resolve) => {
			closed = resolve;
		});
		const api = await apiFor(async (request, response) => {
			response.on('close', closed);
			await bodyOf(request);
			stop.abort(new Error('enough'));
		});
		const cursors = [{ namespace: NAMESPACE, epoch: null, rev: 0 as never }];
		await expect(api.changes({ cursors, waitMs: 50_000 }, { signal: stop.signal })).rejects.toThrow('enough');
		await wasClosed;
	});
});

async function* stream() {
	yield* blocks;
}

function flip(bytes: Buffer, index: number): Buffer {
	bytes[index]! ^= 1;
	return bytes;
}

// S16
describe('a server of the next version', () => {
	const next = { [VERSION_HEADER]: String(PROTOCOL_VERSION + 1) };
	const commit = {
		namespace: NAMESPACE,
		epoch: NAMESPACE as string as Epoch,
		key: NAMESPACE as string as IdempotencyKey,
	};
	const operation = { op: 'delete', id: NAMESPACE as never, base: 1 as never } as const;

	test('may say more about a node than we know, and refuse it for reasons that we do not', async () => {
		const node = { id: NAMESPACE, parent: NAMESPACE, name: 'a', rev: 1, kind: 'folder', colour: 'red' };
		const refusal = { ok: false, code: 'is-frozen', message: 'Not done: it is frozen.', node };
		const api = await apiFor((_, response) => answer(response, 200, { head: 1, results: [refusal], more: [] }, next));
		const { colour: _, ...known } = node;
		expect(await api.commit({ ...commit, operations: [operation] })).toEqual({
			head: 1,
			results: [{ ...refusal, code: 'unknown', node: known }],
		});
	});

	test('that speaks of a kind of node that we do not know is not guessed at: somebody has to update', async () => {
		const node = { id: NAMESPACE, parent: NAMESPACE, name: 'a', rev: 1, kind: 'door' };
		const refusal = { ok: false, code: 'stale', message: '', node };
		const body = { head: 1, results: [refusal] };
		const api = await apiFor((_, response) => answer(response, 200, body, next));
		const failure = api.commit({ ...commit, operations: [operation] });
		await expect(failure).rejects.toMatchObject({ code: 'protocol-version', message: expect.stringMatching(/Update/) });
		await server.close();
		const same = await apiFor((_, response) => answer(response, 200, body));
		await expect(same.commit({ ...commit, operations: [operation] })).rejects.toThrow(UnexpectedAnswer);
	});
});
