import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { SigningKeys } from '../src/auth/signing-keys.ts';
import { TokenCheck } from '../src/auth/token-check.ts';
import { fileOf, folderPut } from './support/person.ts';
import { newId, publicKey, SERVER_ID, tokenOf } from './support/token.ts';
import { World } from './support/world.ts';

const HASH = 'a'.repeat(64);
/** Every endpoint, with a request that would be fine. */
const REQUESTS: [string, string, (namespace: string) => { body?: object; query?: object }][] = [
	['post', '/v1/changes', (namespace) => ({ body: { cursors: [{ namespace, epoch: null, rev: 0 }] } })],
	['post', '/v1/blocks/missing', (namespace) => ({ body: { namespace, hashes: [HASH] } })],
	['put', '/v1/blocks', (namespace) => ({ query: { namespace } })],
	['post', '/v1/blocks/get', (namespace) => ({ body: { namespace, hashes: [HASH] } })],
	['post', '/v1/contents', (namespace) => ({ body: { namespace, hashes: [HASH] } })],
	[
		'post',
		'/v1/commit',
		(namespace) => ({
			body: { namespace, epoch: newId(), key: newId(), operations: [folderPut(newId(), namespace, 'x')] },
		}),
	],
	['post', '/v1/listing', (namespace) => ({ body: { namespace, path: '/' } })],
	['post', '/v1/usage', (namespace) => ({ body: { namespace } })],
	['get', '/v1/content', (namespace) => ({ query: { namespace, path: '/a.txt' } })],
	['head', '/v1/content', (namespace) => ({ query: { namespace, path: '/a.txt' } })],
];

describeEachEngine('access', (engine) => {
	let world: World;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	afterAll(() => world.close());

	const send = (method: string, path: string, { body, query }: { body?: object; query?: object }, token?: string) => {
		const sent = request(world.app)
			[method as 'get'](path)
			.query(query ?? {});
		if (token !== undefined) sent.auth(token, { type: 'bearer' });
		return body ? sent.send(body) : sent;
	};

	describe.each(REQUESTS)('%s %s', (method, path, of) => {
		test("another user's namespace stays closed, whether it exists or not", async () => {
			const [ann, bob] = [world.person('ann'), world.person('bob')];
			await ann.file('a.txt');
			for (const namespace of [ann.namespace, newId<string>()]) {
				const answer = await send(method, path, of(namespace), tokenOf(bob.identity));
				expect(answer.status).toBe(403);
				if (method !== 'head') expect(answer.body.error.code).toBe('forbidden');
			}
		});

		test('a token that is not good opens nothing', async () => {
			const ann = world.person('ann');
			const stranger = generateKeyPairSync('ed25519').privateKey;
			const [head, claims, signature] = tokenOf(ann.identity).split('.') as [string, string, string];
			const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
			const bad = {
				'for another server': tokenOf(ann.identity, { audience: 'data-other' }),
				expired: tokenOf(ann.identity, { expiresIn: -60 }),
				'signed by a stranger': tokenOf(ann.identity, { key: stranger }),
				'signed by a key never heard of': tokenOf(ann.identity, { key: stranger, kid: 'unheard' }),
				unsigned: `${unsigned}.${claims}.`,
				changed: `${head}.${claims.slice(0, -4)}AAAA.${signature}`,
				nonsense: 'nonsense',
			};
			for (const [what, token] of Object.entries(bad)) {
				const answer = await send(method, path, of(ann.namespace), token);
				expect([what, answer.status]).toEqual([what, 401]);
			}
			expect((await send(method, path, of(ann.namespace))).status).toBe(401);
		});
	});

	test('a reader reads and does not write', async () => {
		const ann = world.person('ann');
		await ann.file('a.txt', 'hello');
		const token = tokenOf(ann.identity, { rights: 'read' });
		const status = async (method: string, path: string, sent: { body?: object; query?: object }) =>
			(await send(method, path, sent, token)).status;
		const namespace = ann.namespace;
		expect(await status('post', '/v1/listing', { body: { namespace, path: '/' } })).toBe(200);
		expect(await status('get', '/v1/content', { query: { namespace, path: '/a.txt' } })).toBe(200);
		expect(
			await status('post', '/v1/blocks/get', {
				body: { namespace, hashes: [fileOf('hello').content.blocks[0]?.hash] },
			}),
		).toBe(200);
		for (const [method, path, of] of REQUESTS.filter(([, path]) => /commit|missing|blocks$/.test(path))) {
			expect([path, await status(method, path, of(namespace))]).toEqual([path, 403]);
		}
	});

	test('a namespace never changes its owner', async () => {
		const ann = world.person('ann');
		await ann.file('a.txt');
		const thief = tokenOf({ ...ann.identity, user: newId() });
		expect((await send('post', '/v1/usage', { body: { namespace: ann.namespace } }, thief)).status).toBe(403);
	});

	test('a member of two namespaces reads both by one request', async () => {
		const [ann, bob] = [world.person('ann'), world.person('bob')];
		await ann.file('a.txt');
		await bob.file('b.txt');
		const shared = {
			id: ann.namespace,
			owner: ann.identity.user,
			ownerName: 'ann',
			quota: 5_000_000_000,
			rights: 'read',
		};
		const token = tokenOf(bob.identity, { also: [shared] });
		const cursors = [bob, ann].map(({ namespace }) => ({ namespace, epoch: null, rev: 0 }));
		const { body } = await send('post', '/v1/changes', { body: { cursors } }, token).expect(200);
		expect(body.namespaces.map((page: { changes: { name: string }[] }) => page.changes[0]?.name)).toEqual([
			'b.txt',
			'a.txt',
		]);
		const one = await send('post', '/v1/changes', { body: { cursors, limit: 1 } }, token).expect(200);
		expect(one.body.namespaces).toHaveLength(1);
	});

	test('health, metrics, wrong methods, wrong paths, versions', async () => {
		await request(world.app).get('/healthz').expect(200);
		await request(world.app).get('/readyz').expect(200);
		expect((await request(world.app).get('/metrics').expect(200)).text).toMatch(/mydropbox_damaged_blocks_total 0/);
		expect((await request(world.app).get('/v1/commit').expect(405)).body.error.code).toBe('method-not-allowed');
		expect((await request(world.app).post('/v1/nothing').expect(404)).body.error.code).toBe('no-such-route');
		await world.person('ann').post('/v1/usage', {}).set('x-mydropbox-protocol', '9').expect(426);
	});
});

describe('signing keys', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'mydropbox-keys-'));
	});
	afterEach(() => rm(folder, { recursive: true, force: true }));

	test('survive a restart, in a file for this user only', async () => {
		const path = join(folder, 'signing-keys.json');
		await (await SigningKeys.load(path)).replace([publicKey]);
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ keys: [publicKey] });
		expect((await SigningKeys.load(path)).all).toEqual([publicKey]);
	});

	test('are asked for once when a token comes with one never heard of', async () => {
		const keys = await SigningKeys.load(join(folder, 'keys.json'));
		let asked = 0;
		let time = 0;
		const options = { id: SERVER_ID, keys: () => keys.all, now: () => new Date(Date.now() + time) };
		const identity = { user: newId<string>(), name: 'ann', namespace: newId<string>(), device: newId<string>() };
		const deaf = new TokenCheck({ ...options, refresh: () => Promise.reject(new Error(`nobody answers ${++asked}`)) });
		await expect(deaf.check(tokenOf(identity))).rejects.toMatchObject({ code: 'not-ready' });
		await expect(deaf.check(tokenOf(identity))).rejects.toMatchObject({ code: 'not-ready' });
		expect(asked).toBe(1);
		time += 6000;
		await expect(deaf.check(tokenOf(identity))).rejects.toMatchObject({ code: 'not-ready' });
		expect(asked).toBe(2);

		const check = new TokenCheck({ ...options, refresh: () => keys.replace([publicKey]) });
		expect(await check.check(tokenOf(identity))).toMatchObject({ sub: identity.user });
		await expect(check.check(tokenOf(identity, { kid: 'unheard' }))).rejects.toMatchObject({ code: 'not-signed-in' });
	});

	test('a token is checked once, and good neither after its end nor when its key is withdrawn', async () => {
		const keys = await SigningKeys.load(join(folder, 'keys.json'));
		await keys.replace([publicKey]);
		let time = 0;
		const now = () => new Date(Date.now() + time);
		const check = new TokenCheck({ id: SERVER_ID, keys: () => keys.all, now, refresh: async () => {} });
		const identity = { user: newId<string>(), name: 'ann', namespace: newId<string>(), device: newId<string>() };
		const [short, long] = [60, 900].map((expiresIn) => tokenOf(identity, { expiresIn })) as [string, string];
		for (const token of [short, long]) expect(await check.check(token)).toBe(await check.check(token));
		time += 300_000;
		await expect(check.check(short)).rejects.toMatchObject({ code: 'token-expired' });
		expect(await check.check(long)).toMatchObject({ sub: identity.user });
		await keys.replace([{ ...publicKey, kid: 'another' }]);
		await expect(check.check(long)).rejects.toMatchObject({ code: 'not-signed-in' });
	});
});
