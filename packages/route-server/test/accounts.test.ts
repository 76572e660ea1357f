import { AccessClaims } from '@mydropbox/protocol';
import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { CLUSTER_SECRET, type Fixture, heartbeatOf, routeServer } from './support.ts';

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

describeEachEngine('the route-server', (engine) => {
	let server: Fixture;
	beforeEach(async () => {
		server = await routeServer(engine);
	});
	afterEach(() => server.close());

	test('sign-up, sign-in, tokens, sign-out: the whole way', async () => {
		await server.beat('one', 1).expect(200);
		const signedUp = await server.signUp('Ann').expect(201);
		expect(signedUp.body).toEqual({ user: expect.stringMatching(/^[0-9a-f]{32}$/), username: 'Ann' });
		const { body: device } = await server.signIn('ann').expect(201);
		expect(device).toEqual({
			user: signedUp.body.user,
			username: 'Ann',
			device: expect.stringMatching(/^[0-9a-f]{32}$/),
			refreshToken: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
		});
		const tokens = () => request(server.app).post('/v1/tokens').auth(device.refreshToken, { type: 'bearer' });
		const { body, headers } = await tokens().set('Host', 'files.example:8081').expect(200);
		expect(headers['cache-control']).toBe('no-store');
		expect(body.grants).toEqual([
			{
				dataServer: 'one',
				url: 'http://files.example:8082',
				token: expect.any(String),
				expiresIn: 900,
				namespaces: [{ id: expect.any(String), kind: 'root', rights: 'write' }],
				available: true,
			},
		]);
		const claims = AccessClaims.parse(claimsOf(body.grants[0].token));
		expect(claims).toMatchObject({ sub: device.user, aud: 'one', device: device.device, deviceName: 'laptop' });
		const signOut = () => request(server.app).delete('/v1/devices/self').auth(device.refreshToken, { type: 'bearer' });
		await signOut().expect(204);
		expect((await tokens().expect(401)).body.error.code).toBe('not-signed-in');
		await signOut().expect(401);
	});

	test('a data server with a public address is reached there, and a silent one is said to be away', async () => {
		await server.beat('one', 1, { publicUrl: 'https://data.example' });
		await server.signUp('ann');
		const { body: device } = await server.signIn('ann');
		const tokens = async () =>
			(await request(server.app).post('/v1/tokens').auth(device.refreshToken, { type: 'bearer' })).body.grants[0];
		expect(await tokens()).toMatchObject({ url: 'https://data.example', available: true });
		server.advance(16);
		expect(await tokens()).toMatchObject({ url: 'https://data.example', available: false });
		expect((await server.signUp('bob').expect(507)).body.error.message).toMatch(/No data server is available/);
	});

	test('fifty sign-ups at once fill the servers exactly', async () => {
		await server.beat('one', 6);
		await server.beat('two', 4);
		const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => server.signUp(`user${n}`)));
		const codes = answers.map(({ status, body }) => (status === 201 ? 'created' : body.error.code));
		expect(codes.filter((code) => code === 'created')).toHaveLength(10);
		expect(codes.filter((code) => code === 'no-capacity')).toHaveLength(40);
	});

	test('a name that is taken in another case is refused, also when the request is repeated', async () => {
		await server.beat('one', 5);
		await server.signUp('Ann').expect(201);
		for (const username of ['Ann', 'aNN']) {
			const { body } = await server.signUp(username).expect(409);
			expect(body.error).toMatchObject({ code: 'username-taken', message: expect.stringContaining(username) });
		}
	});

	test('a wrong password and an unknown name get one answer; the eleventh guess has to wait', async () => {
		await server.beat('one', 5);
		await server.signUp('ann');
		const guess = (username: string, from: string) =>
			request(server.app)
				.post('/v1/devices')
				.set('X-Forwarded-For', from)
				.send({ username, password: 'guess', device: 'x' });
		const wrong = (await guess('ann', '192.0.2.1').expect(401)).body.error;
		const unknown = (await guess('nobody', '192.0.2.1').expect(401)).body.error;
		expect({ ...wrong, request: '' }).toEqual({ ...unknown, request: '' });
		for (let n = 1; n < 10; n++) await guess('ann', '192.0.2.1').expect(401);
		const slowed = await guess('ann', '192.0.2.1').expect(429);
		expect(slowed.headers['retry-after']).toBe('60');
		expect(slowed.body.error.message).toMatch(/Try again in 60 s/);
		await guess('ann', '192.0.2.2').expect(401);
	});

	test.each([
		[
			'a short password',
			'/v1/users',
			{ username: 'ann', email: 'a@b.cd', password: 'short' },
			/^password: .*at least 8/,
		],
		['no address', '/v1/users', { username: 'ann', email: 'ab.cd', password: 'long enough' }, /^email: /],
		['a strange name', '/v1/users', { username: 'a/../b', email: 'a@b.cd', password: 'long enough' }, /^username: /],
		[
			'one field too many',
			'/v1/users',
			{ username: 'ann', email: 'a@b.cd', password: 'long enough', admin: true },
			/admin/,
		],
		['no device', '/v1/devices', { username: 'ann', password: 'x' }, /^device: /],
		['a device with a slash', '/v1/devices', { username: 'ann', password: 'x', device: '../x' }, /^device: /],
		['NUL in a device', '/v1/devices', { username: 'ann', password: 'x', device: 'a\0b' }, /^device: /],
	])('%s is refused and named', async (_what, path, body, message) => {
		const answer = await request(server.app).post(path).send(body).expect(400);
		expect(answer.body.error).toMatchObject({ code: 'bad-request', message: expect.stringMatching(message) });
	});

	test('strangers can send little', async () => {
		const big = { username: 'ann', email: 'a@b.cd', password: 'x'.repeat(100_000) };
		expect((await request(server.app).post('/v1/users').send(big).expect(413)).body.error.code).toBe('too-large');
	});

	test('only who knows the cluster secret registers a data server, and gets public keys', async () => {
		const beat = (secret: string) =>
			request(server.app)
				.post('/v1/data-servers/heartbeat')
				.auth(secret, { type: 'bearer' })
				.send(heartbeatOf('one', 1));
		expect((await beat('wrong').expect(403)).body.error.message).toMatch(/MYDROPBOX_CLUSTER_SECRET/);
		await request(server.app).post('/v1/data-servers/heartbeat').send(heartbeatOf('one', 1)).expect(401);
		const { body } = await beat(CLUSTER_SECRET).expect(200);
		expect(body).toEqual({ keys: [expect.objectContaining({ kty: 'OKP', kid: '1' })], interval: 5 });
		expect(body.keys[0]).not.toHaveProperty('d');
		await server.beat('one', 1, { listeningPort: 0 }).expect(400);
	});

	test('a refresh token is no access token, and the other way round', async () => {
		await server.beat('one', 1);
		const { token, namespaces } = await server.grant('ann');
		await request(server.app).post('/v1/tokens').auth(token, { type: 'bearer' }).expect(401);
		const { body } = await server.signIn('ann');
		await request(server.app)
			.get('/v1/content')
			.query({ namespace: namespaces[0]?.id, path: '/a' })
			.auth(body.refreshToken, { type: 'bearer' })
			.expect(401);
	});

	test('tells where the servers are', async () => {
		const { body } = await request(server.app).get('/.well-known/mydropbox').expect(200);
		expect(body).toEqual({ service: 'mydropbox', protocol: 1, routeServer: null, webServer: null });
		await request(server.app).get('/readyz').expect(200, { status: 'ready' });
	});
});
