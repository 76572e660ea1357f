import { addDevice, deviceByRefreshToken } from '@mydropbox/central';
import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { account, createWorld, PASSWORD, type World } from './support/world.ts';

describeEachEngine('accounts of the web API', (engine) => {
	let world: World;
	beforeAll(async () => {
		world = await createWorld(engine.freshUrl());
	});
	afterAll(() => world.close());
	const api = () => request(world.app);

	test('sign up, sign in, look, sign out', async () => {
		const created = await api().post('/api/v1/users').send(account('Ada')).expect(201);
		expect(created.body.user).toMatchObject({ username: 'Ada', email: 'Ada@example.org' });
		expect(JSON.stringify(created.body)).not.toContain(PASSWORD);

		const session = await api().post('/api/v1/session').send({ username: 'ada', password: PASSWORD }).expect(201);
		const bearer = { authorization: `Bearer ${session.body.token}` };
		const me = await api().get('/api/v1/me').set(bearer).expect(200);
		expect(me.body).toMatchObject({
			user: { username: 'Ada' },
			quota: 5_000_000_000,
			bytesUsed: 0,
			files: 0,
			dataServer: { id: 'data1', available: true },
		});
		expect(me.headers['cache-control']).toBe('no-store');

		await api().delete('/api/v1/session').set(bearer).expect(204);
		const after = await api().get('/api/v1/me').set(bearer).expect(401);
		expect(after.body.error.code).toBe('not-signed-in');
	});

	test('a name or address that is taken, in any case', async () => {
		await api().post('/api/v1/users').send(account('grace')).expect(201);
		const name = await api()
			.post('/api/v1/users')
			.send({ ...account('GRACE'), email: 'other@example.org' })
			.expect(409);
		expect(name.body.error.code).toBe('username-taken');
		const email = await api()
			.post('/api/v1/users')
			.send({ ...account('hopper'), email: 'Grace@Example.org' })
			.expect(409);
		expect(email.body.error.code).toBe('email-taken');
	});

	test('bad bodies are refused with the field that is wrong', async () => {
		const short = await api()
			.post('/api/v1/users')
			.send({ ...account('linus'), password: 'short' })
			.expect(400);
		expect(short.body.error.message).toContain('password');
		const extra = await api()
			.post('/api/v1/users')
			.send({ ...account('linus'), admin: true })
			.expect(400);
		expect(extra.body.error.message).toContain('admin');
		await api().post('/api/v1/users').set('content-type', 'application/json').send('{"username":').expect(400);
		await api().post('/api/v1/users').send('username=linus').expect(415);
		await api()
			.post('/api/v1/session')
			.send({ username: 'linus', password: 'x'.repeat(20_000) })
			.expect(413);
	});

	test('wrong names and wrong passwords look the same', async () => {
		await api().post('/api/v1/users').send(account('barbara')).expect(201);
		const password = await api()
			.post('/api/v1/session')
			.send({ username: 'barbara', password: 'not this one' })
			.expect(401);
		const name = await api().post('/api/v1/session').send({ username: 'nobody', password: 'not this one' }).expect(401);
		expect(password.body.error.code).toBe('wrong-password');
		expect(name.body.error.message).toBe(password.body.error.message);
		expect(password.headers['set-cookie']).toBeUndefined();
	});

	test('too many passwords are refused with a time to wait', async () => {
		let last = 401;
		for (let attempt = 0; attempt < 20 && last === 401; attempt++) {
			last = (
				await api()
					.post('/api/v1/session')
					.send({ username: 'guessed', password: `guess ${attempt}` })
			).status;
		}
		const refused = await api().post('/api/v1/session').send({ username: 'guessed', password: 'one more' }).expect(429);
		expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
	});

	test('another password ends all other sessions, and no device', async () => {
		const mine = await world.signIn('joan');
		const other = await api().post('/api/v1/session').send({ username: 'joan', password: PASSWORD }).expect(201);
		const { user } = (await api().get('/api/v1/me').set(mine).expect(200)).body;
		const { refreshToken } = await addDevice(world.central, user.id, 'laptop');
		const change = (body: object) => api().put('/api/v1/me/password').set(mine).send(body);

		const wrong = await change({ current: 'not this one', password: 'entirely new' }).expect(401);
		expect(wrong.body.error).toMatchObject({ code: 'wrong-password', message: expect.stringContaining('current') });
		await change({ current: PASSWORD, password: 'short' }).expect(400);
		await api().put('/api/v1/me/password').send({ current: PASSWORD, password: 'entirely new' }).expect(401);
		const bearer = { authorization: `Bearer ${other.body.token}` };
		await api().get('/api/v1/me').set(bearer).expect(200);

		await change({ current: PASSWORD, password: 'entirely new' }).expect(204);
		await api().get('/api/v1/me').set(bearer).expect(401);
		await api().get('/api/v1/me').set(mine).expect(200);
		expect(await deviceByRefreshToken(world.central, refreshToken)).toMatchObject({ name: 'laptop' });
		await api().post('/api/v1/session').send({ username: 'joan', password: PASSWORD }).expect(401);
		await api().post('/api/v1/session').send({ username: 'joan', password: 'entirely new' }).expect(201);
	});

	test('current passwords cannot be guessed with a session that was left open', async () => {
		const mine = await world.signIn('grete');
		const guess = (current: string) =>
			api().put('/api/v1/me/password').set(mine).send({ current, password: 'entirely new' });
		let last = 401;
		for (let attempt = 0; attempt < 20 && last === 401; attempt++) last = (await guess(`guess ${attempt}`)).status;
		expect(last).toBe(429);
	});

	test('a full MyDropbox says so and leaves no half account', async () => {
		const full = await createWorld(engine.freshUrl(), 1_000_000);
		try {
			const refused = await request(full.app).post('/api/v1/users').send(account('late')).expect(507);
			expect(refused.body.error.code).toBe('no-capacity');
			await request(full.app).post('/api/v1/session').send({ username: 'late', password: PASSWORD }).expect(401);
		} finally {
			await full.close();
		}
	});

	test('tokens that are none', async () => {
		for (const authorization of ['Bearer nonsense', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(43)}`]) {
			const refused = await api().get('/api/v1/files').set({ authorization }).expect(401);
			expect(refused.body.error.code).toBe('not-signed-in');
		}
		await api().get('/api/v1/files').expect(401);
	});
});
