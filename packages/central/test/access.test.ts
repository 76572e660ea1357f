import { ACCESS_TOKEN_SECONDS } from '@mydropbox/protocol';
import { verifyAccessToken } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import {
	addDevice,
	createSession,
	deviceByRefreshToken,
	devicesOf,
	endSession,
	grantAccess,
	openCentral,
	removeDevice,
	SESSION_MS,
	sessionDevice,
	signUp,
	sweep,
	type User,
	verifyGrant,
} from '../src/index.ts';
import { account, codeOf, IP, QUOTA, World } from './support.ts';

describeEachEngine('access', (engine) => {
	let world: World;
	let ann: User;
	beforeEach(async () => {
		world = await new World(engine).open();
		await world.beat('one', 5);
		ann = await signUp(world.central, account('ann'), IP);
	});
	afterEach(() => world.close());

	test('a device is known by its refresh token until it is signed out; only a hash is stored', async () => {
		const { device, refreshToken } = await addDevice(world.central, ann.id, 'laptop 💻');
		expect(await deviceByRefreshToken(world.central, refreshToken)).toEqual(device);
		expect(device).toMatchObject({ user: ann.id, name: 'laptop 💻' });
		const [stored] = await world.central.db.selectFrom('Devices').selectAll().execute();
		expect(JSON.stringify(stored)).not.toContain(refreshToken);
		await removeDevice(world.central, device.id);
		expect(await codeOf(deviceByRefreshToken(world.central, refreshToken))).toBe('not-signed-in');
		await removeDevice(world.central, device.id);
	});

	test('a user’s devices, seen last first, and nobody else’s', async () => {
		const bob = await signUp(world.central, account('bob'), IP);
		const desk = await addDevice(world.central, ann.id, 'desk');
		world.advance(3600);
		const laptop = await addDevice(world.central, ann.id, 'laptop');
		await addDevice(world.central, bob.id, 'bob’s');
		await createSession(world.central, ann.id);
		const seen = async () => (await devicesOf(world.central, ann.id)).map(({ name, lastSeenAt }) => [name, lastSeenAt]);
		const hourAgo = world.time - 3_600_000;
		expect(await seen()).toEqual([
			['laptop', world.time],
			['desk', hourAgo],
		]);
		await deviceByRefreshToken(world.central, desk.refreshToken);
		await removeDevice(world.central, laptop.device.id);
		expect(await seen()).toEqual([['desk', world.time]]);
	});

	test('a session lives as long as it is used', async () => {
		const { token, expiresAt } = await createSession(world.central, ann.id);
		expect(expiresAt).toBe(world.time + SESSION_MS);
		world.advance(29 * 24 * 3600);
		expect((await sessionDevice(world.central, token)).user).toBe(ann.id);
		world.advance(29 * 24 * 3600);
		const { id, name } = await sessionDevice(world.central, token);
		expect([id, name]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 'website']);
		world.advance(31 * 24 * 3600);
		expect(await codeOf(sessionDevice(world.central, token))).toBe('not-signed-in');
	});

	test('a session that was ended opens nothing, and what is over is swept away', async () => {
		const first = await createSession(world.central, ann.id);
		await endSession(world.central, first.token);
		expect(await codeOf(sessionDevice(world.central, first.token))).toBe('not-signed-in');
		await createSession(world.central, ann.id);
		world.advance(1 + SESSION_MS / 1000);
		await sweep(world.central);
		expect(await world.central.db.selectFrom('Sessions').selectAll().execute()).toEqual([]);
		expect(await world.central.db.selectFrom('RateLimits').selectAll().execute()).toEqual([]);
	});

	test('a token names the user, the device, the namespace and the one server where it is good', async () => {
		const { device } = await addDevice(world.central, ann.id, 'laptop');
		const [grant, ...others] = await grantAccess(world.central, device);
		expect(others).toEqual([]);
		expect(grant).toMatchObject({
			dataServer: { id: 'one', internalUrl: 'http://127.0.0.1:8082', publicUrl: null, port: 8082, available: true },
			expiresIn: ACCESS_TOKEN_SECONDS,
			namespaces: [{ id: expect.stringMatching(/^[0-9a-f]{32}$/), kind: 'root', rights: 'write' }],
		});
		const claims = await verifyGrant(world.central, grant!.token);
		expect(claims).toEqual({
			iss: 'mydropbox',
			sub: ann.id,
			aud: 'one',
			device: device.id,
			deviceName: 'laptop',
			namespaces: [{ id: grant!.namespaces[0]!.id, owner: ann.id, ownerName: 'ann', quota: QUOTA, rights: 'write' }],
			iat: world.time / 1000,
			exp: world.time / 1000 + ACCESS_TOKEN_SECONDS,
		});
		const keys = world.central.keys.public;
		expect(await verifyAccessToken(grant!.token, { keys, audience: 'one', now: world.time })).toEqual(claims);
		expect(await codeOf(verifyAccessToken(grant!.token, { keys, audience: 'two', now: world.time }))).toBe(
			'not-signed-in',
		);
	});

	test('a token ends after fifteen minutes, and no changed or foreign one is believed', async () => {
		const { device } = await addDevice(world.central, ann.id, 'laptop');
		const token = (await grantAccess(world.central, device))[0]!.token;
		const [header, payload, signature] = token.split('.') as [string, string, string];
		const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
		const forged = Buffer.from(JSON.stringify({ ...claims, sub: '0'.repeat(32) })).toString('base64url');
		const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
		for (const bad of [`${header}.${forged}.${signature}`, `${unsigned}.${payload}.`, 'x.y.z', 'nonsense']) {
			expect(await codeOf(verifyGrant(world.central, bad))).toBe('not-signed-in');
		}
		world.advance(ACCESS_TOKEN_SECONDS + 11);
		expect(await codeOf(verifyGrant(world.central, token))).toBe('token-expired');
		const elsewhere = await new World(engine).open();
		world.advance(-ACCESS_TOKEN_SECONDS);
		expect(await codeOf(verifyGrant(elsewhere.central, token))).toBe('not-signed-in');
		await elsewhere.close();
	});

	test('servers that share the database share the key, whoever came first', async () => {
		const url = engine.freshUrl();
		const servers = await Promise.all([1, 2, 3].map(() => openCentral({ url })));
		const keys = servers.map(({ keys: { public: known } }) => known);
		expect(keys[0]).toHaveLength(1);
		expect(keys[1]).toEqual(keys[0]);
		expect(keys[2]).toEqual(keys[0]);
		expect(JSON.stringify(keys)).not.toContain('"d"');
		for (const server of servers) await server.close();
	});

	test('a server that is silent is shown as unavailable', async () => {
		const { device } = await addDevice(world.central, ann.id, 'laptop');
		const available = async () => (await grantAccess(world.central, device))[0]?.dataServer.available;
		world.advance(15);
		expect(await available()).toBe(true);
		world.advance(1);
		expect(await available()).toBe(false);
		await world.beat('one', 5);
		expect(await available()).toBe(true);
		await world.beat('one', 5, false);
		expect(await available()).toBe(false);
	});
});
