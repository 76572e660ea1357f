import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { createWorld, type World } from './support/world.ts';

describeEachEngine('files of the web API', (engine) => {
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

	const list = (path: string, query = {}) =>
		request(world.app)
			.get('/api/v1/files')
			.query({ path, ...query })
			.set(ada);
	const makeFolder = (path: string) => request(world.app).post('/api/v1/folders').send({ path }).set(ada);
	const move = (from: string, to: string) => request(world.app).post('/api/v1/files/move').send({ from, to }).set(ada);
	const remove = (path: string) => request(world.app).delete('/api/v1/files').query({ path }).set(ada);
	const upload = (path: string, name: string, text: string) =>
		request(world.app).post('/api/v1/files').query({ path }).set(ada).attach('file', Buffer.from(text), name);
	const names = async (path: string) =>
		(await list(path).expect(200)).body.entries.map((entry: { name: string }) => entry.name);

	test('a new account has an empty folder', async () => {
		const { body } = await list('/').expect(200);
		expect(body).toEqual({ path: '/', entry: null, entries: [], total: 0, nextOffset: null });
	});

	test('folders and files appear with name, path, size and date', async () => {
		const made = await makeFolder('/Photos').expect(201);
		expect(made.body.folder).toMatchObject({
			name: 'Photos',
			path: '/Photos',
			kind: 'folder',
			size: null,
			mtime: null,
		});
		await upload('/Photos', 'a.txt', 'hello').expect(201);
		const { body } = await list('/Photos').expect(200);
		expect(body.entry).toMatchObject({ kind: 'folder', path: '/Photos' });
		expect(body.entries).toHaveLength(1);
		expect(body.entries[0]).toMatchObject({
			name: 'a.txt',
			path: '/Photos/a.txt',
			kind: 'file',
			size: 5,
			target: null,
		});
		expect(Date.parse(body.entries[0].mtime)).not.toBeNaN();
		const file = await list('/Photos/a.txt').expect(200);
		expect(file.body).toMatchObject({ entry: { name: 'a.txt', path: '/Photos/a.txt' }, entries: [], total: 0 });
	});

	test('long folders come page by page', async () => {
		for (const name of ['a', 'b', 'c']) await makeFolder(`/${name}`).expect(201);
		const first = await list('/', { limit: 2 }).expect(200);
		expect(first.body).toMatchObject({ total: 3, nextOffset: 2 });
		const second = await list('/', { limit: 2, offset: 2 }).expect(200);
		expect(second.body).toMatchObject({ total: 3, nextOffset: null });
		expect([...first.body.entries, ...second.body.entries].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
	});

	test('paths have one spelling, and say what is wrong with them', async () => {
		await makeFolder('/Re\u0301sume\u0301//').expect(201);
		expect(await names('/')).toEqual(['R\u00e9sum\u00e9']);
		await list('/R\u00e9sum\u00e9').expect(200);
		for (const path of ['relative', '/a/../b', '/a/./b', '/nul\0', `/${'x'.repeat(256)}`, '/a'.repeat(201)]) {
			const refused = await list(path).expect(400);
			expect(refused.body.error.message).toMatch(/path/);
		}
		await makeFolder('/..').expect(400);
		await makeFolder('/').expect(400);
		await list('/', { limit: 0 }).expect(400);
		await list('/', { sort: 'name' }).expect(400);
	});

	test('a taken name, a missing folder, a file in the place of a folder', async () => {
		await makeFolder('/docs').expect(201);
		const taken = await makeFolder('/docs').expect(409);
		expect(taken.body.error).toMatchObject({ code: 'name-taken', message: expect.stringContaining('docs') });
		await makeFolder('/nowhere/docs').expect(404);
		await upload('/', 'a.txt', 'a').expect(201);
		await makeFolder('/a.txt/docs').expect(400);
		await list('/gone').expect(404);
	});

	test('rename and move', async () => {
		await makeFolder('/old').expect(201);
		await upload('/old', 'a.txt', 'a').expect(201);
		const renamed = await move('/old', '/new').expect(200);
		expect(renamed.body.file).toMatchObject({ name: 'new', path: '/new' });
		const moved = await move('/new/a.txt', '/b.txt').expect(200);
		expect(moved.body.file).toMatchObject({ name: 'b.txt', path: '/b.txt', kind: 'file', size: 1 });
		expect(await names('/')).toEqual(['b.txt', 'new']);
		await move('/b.txt', '/b.txt').expect(200);
		await move('/b.txt', '/new').expect(409);
		await move('/b.txt', '/nowhere/b.txt').expect(404);
		await move('/gone', '/here').expect(404);
		const cycle = await move('/new', '/new/in').expect(400);
		expect(cycle.body.error.message).toContain('into itself');
		await move('/', '/root').expect(400);
	});

	test('a file that a device saves at that moment moves with its new content', async () => {
		await upload('/', 'a.txt', 'a').expect(201);
		let saves = 1;
		world.data.beforeCommit = (tree) => {
			for (const node of tree.nodes.values()) if (saves-- > 0) node.rev = ++tree.head as typeof node.rev;
		};
		await move('/a.txt', '/b.txt').expect(200);
		expect(await names('/')).toEqual(['b.txt']);
	});

	test('delete, and not what has just changed', async () => {
		await makeFolder('/docs').expect(201);
		await upload('/docs', 'a.txt', 'a').expect(201);
		await remove('/docs').expect(204);
		expect(await names('/')).toEqual([]);
		await remove('/docs').expect(404);
		await remove('/').expect(400);

		await upload('/', 'b.txt', 'b').expect(201);
		world.data.beforeCommit = (tree) => {
			for (const node of tree.nodes.values()) node.rev = ++tree.head as typeof node.rev;
		};
		const refused = await remove('/b.txt').expect(409);
		expect(refused.body.error.code).toBe('stale');
		expect(await names('/')).toEqual(['b.txt']);
	});

	test('nobody sees the files of another', async () => {
		await upload('/', 'secret.txt', 'mine').expect(201);
		const eve = await world.signIn(`eve${users}`);
		const seen = await request(world.app).get('/api/v1/files').set(eve).expect(200);
		expect(seen.body.entries).toEqual([]);
		await request(world.app).get('/api/v1/files/content').query({ path: '/secret.txt' }).set(eve).expect(404);
	});

	test('a data server that refuses the token does not sign anybody out', async () => {
		world.data.mistrusts = true;
		try {
			const refused = await list('/').expect(502);
			expect(refused.body.error.code).toBe('upstream-failed');
		} finally {
			world.data.mistrusts = false;
		}
	});
});

describeEachEngine('the web API without a data server', (engine) => {
	let world: World;
	let ada: { authorization: string };
	beforeAll(async () => {
		world = await createWorld(engine.freshUrl());
		ada = await world.signIn('ada');
		await world.data.stop();
	});
	afterAll(() => world.close());

	test('says so, and what happens next', async () => {
		for (const path of ['/api/v1/files', '/api/v1/files/content?path=/a.txt']) {
			const { body, headers } = await request(world.app).get(path).set(ada).expect(503);
			expect(body.error).toMatchObject({
				code: 'data-server-unavailable',
				message: expect.stringContaining('Nothing is lost'),
			});
			expect(headers['retry-after']).toBeDefined();
		}
		const upload = request(world.app).post('/api/v1/files').set(ada).attach('file', Buffer.from('a'), 'a.txt');
		expect((await upload).status).toBe(503);
	});

	test('still knows who is signed in', async () => {
		const { body } = await request(world.app).get('/api/v1/me').set(ada).expect(200);
		expect(body).toMatchObject({
			user: { username: 'ada' },
			bytesUsed: null,
			files: null,
			dataServer: { available: false },
		});
	});
});
