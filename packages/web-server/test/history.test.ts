import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { createWorld, type World } from './support/world.ts';

describeEachEngine('versions and the trash of the web API', (engine) => {
	let world: World;
	let ada: { authorization: string };
	let users = 0;
	beforeAll(async () => {
		world = await createWorld(engine.freshUrl());
	});
	beforeEach(async () => {
		world.data.beforeCommit = () => {};
		ada = await world.signIn(`ada${++users}`);
	});
	afterAll(() => world.close());

	const upload = (path: string, name: string, text: string) =>
		request(world.app)
			.post('/api/v1/files')
			.query({ path, clash: 'replace' })
			.set(ada)
			.attach('file', Buffer.from(text), name)
			.expect(201);
	const get = (path: string, query: object) => request(world.app).get(`/api/v1${path}`).query(query).set(ada);
	const post = (path: string, body: object) => request(world.app).post(`/api/v1${path}`).send(body).set(ada);
	const remove = (path: string) => request(world.app).delete('/api/v1/files').query({ path }).set(ada).expect(204);
	const versions = async (path: string) => (await get('/files/versions', { path }).expect(200)).body.versions;
	const trash = async (query = {}) => (await get('/trash', query).expect(200)).body;
	const read = async (path: string, query = {}) => (await get('/files/content', { path, ...query }).expect(200)).text;

	test('a file’s versions, latest first; one that was only moved is none', async () => {
		await upload('/', 'a.txt', 'one');
		await upload('/', 'a.txt', 'second');
		await post('/files/move', { from: '/a.txt', to: '/b.txt' }).expect(200);
		const found = await versions('/b.txt');
		expect(found).toMatchObject([
			{ version: 2, size: 6, current: true, device: 'laptop', savedAt: '2026-11-21T09:40:00.000Z' },
			{ version: 1, size: 3, current: false },
		]);
		expect(await read('/b.txt', { version: 1 })).toBe('one');
		await get('/files/versions', { path: '/none' }).expect(404);
		await get('/files/versions', { path: '/' }).expect(400);
		await post('/folders', { path: '/docs' }).expect(201);
		const refused = await get('/files/versions', { path: '/docs' }).expect(400);
		expect(refused.body.error.message).toBe('“docs” is not a file, and has no versions.');
	});

	test('an old version comes back, and the one before it stays one', async () => {
		await upload('/', 'a.txt', 'one');
		await upload('/', 'a.txt', 'second');
		const { body } = await post('/files/versions/restore', { path: '/a.txt', version: 1 }).expect(200);
		expect(body.file).toMatchObject({ path: '/a.txt', size: 3 });
		expect(await read('/a.txt')).toBe('one');
		expect(await versions('/a.txt')).toMatchObject([{ version: 3, current: true }, { version: 2 }, { version: 1 }]);
		await post('/files/versions/restore', { path: '/a.txt', version: 9 }).expect(404);
		await post('/files/versions/restore', { path: '/a.txt' }).expect(400);
	});

	test('a device that saves in the very moment is not in the way of it', async () => {
		const { body } = await upload('/', 'a.txt', 'one');
		await upload('/', 'a.txt', 'second');
		world.data.beforeCommit = (tree) => {
			world.data.beforeCommit = () => {};
			const node = tree.nodes.get(body.files[0].id)!;
			tree.nodes.set(node.id, { ...node, rev: ++tree.head as typeof node.rev });
		};
		await post('/files/versions/restore', { path: '/a.txt', version: 1 }).expect(200);
		expect(await read('/a.txt')).toBe('one');
	});

	test('what was deleted comes back with what was in it', async () => {
		await post('/folders', { path: '/docs' }).expect(201);
		await upload('/docs', 'a.txt', 'one');
		await upload('/docs', 'b.txt', 'two');
		await remove('/docs');
		const { entries, nextBefore } = await trash();
		expect(nextBefore).toBeNull();
		expect(entries).toMatchObject([{ name: 'docs', path: '/docs', kind: 'folder', size: null, device: 'laptop' }]);
		const { body } = await post('/trash/restore', { id: entries[0].id }).expect(200);
		expect(body).toMatchObject({ file: { path: '/docs', kind: 'folder' }, restored: 3 });
		expect([await read('/docs/a.txt'), await read('/docs/b.txt')]).toEqual(['one', 'two']);
		expect((await trash()).entries).toEqual([]);
		await post('/trash/restore', { id: entries[0].id }).expect(404);
	});

	test('what has its name by now keeps it', async () => {
		await upload('/', 'a.txt', 'one');
		await remove('/a.txt');
		await upload('/', 'a.txt', 'another');
		const { body } = await post('/trash/restore', { id: (await trash()).entries[0].id }).expect(200);
		expect(body).toMatchObject({ file: { path: '/a (2).txt' }, restored: 1 });
		expect([await read('/a.txt'), await read('/a (2).txt')]).toEqual(['another', 'one']);
	});

	test('says how much is back when the space does not do for all of it', async () => {
		await post('/folders', { path: '/docs' }).expect(201);
		await upload('/docs', 'a.txt', 'one');
		await upload('/docs', 'long.txt', 'a long one');
		await remove('/docs');
		const { quota } = world.data;
		world.data.quota = 5;
		const refused = await post('/trash/restore', { id: (await trash()).entries[0].id }).expect(507);
		world.data.quota = quota;
		expect(refused.body.error.message).toMatch(
			/^2 of 3 things in “docs” are back, the rest is not: .* Delete something to make room\.$/,
		);
		expect((await trash()).entries).toMatchObject([{ path: '/docs/long.txt' }]);
	});

	test('a long trash comes page by page', async () => {
		for (const name of ['a', 'b', 'c']) {
			await upload('/', name, name);
			await remove(`/${name}`);
		}
		const first = await trash({ limit: 2 });
		expect(first.entries.map(({ name }: { name: string }) => name)).toEqual(['c', 'b']);
		const second = await trash({ limit: 2, before: first.nextBefore });
		expect(second).toMatchObject({ entries: [{ name: 'a' }], nextBefore: null });
		await get('/trash', { limit: 0 }).expect(400);
	});

	test('nobody who is not signed in gets any of it', async () => {
		await request(world.app).get('/api/v1/trash').expect(401);
		await request(world.app).get('/api/v1/files/versions').query({ path: '/a' }).expect(401);
		await request(world.app)
			.post('/api/v1/trash/restore')
			.send({ id: '0'.repeat(32) })
			.expect(401);
		await request(world.app).post('/api/v1/files/versions/restore').send({ path: '/a', version: 1 }).expect(401);
	});
});
