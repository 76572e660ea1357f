import { blockHash } from '@mydropbox/protocol/content';
import { describeEachEngine } from '@mydropbox/testkit';
import { Person } from './support/person.ts';
import { newId } from './support/token.ts';
import { World } from './support/world.ts';

describeEachEngine('a token for what a link leads to', (engine) => {
	let world: World;
	let ann: Person;
	let box: string;
	let visitor: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(async () => {
		ann = world.person('ann');
		await ann.file('secret.txt', 'for nobody else');
		box = await ann.folder('box');
		await ann.file('plan.txt', 'the plan', box);
		visitor = new Person(world, ann.identity, { below: box });
	});
	afterAll(() => world.close());

	const listing = async (path: string) => {
		const answer = await visitor.post('/v1/listing', { path });
		return [
			answer.status,
			answer.body.node?.name,
			(answer.body.entries ?? []).map(({ name }: { name: string }) => name),
		];
	};
	const read = (path: string, query: object = {}) =>
		visitor.send('get', '/v1/content').query({ namespace: ann.namespace, path, ...query });

	test('lists and reads the node and what is in it, by paths that begin there', async () => {
		expect(await listing('/')).toEqual([200, 'box', ['plan.txt']]);
		expect(await listing('/plan.txt')).toEqual([200, 'plan.txt', []]);
		expect((await read('/plan.txt').expect(200)).text).toBe('the plan');
	});

	test.each(['/secret.txt', '/box', '/box/plan.txt', '/../secret.txt', '/plan.txt/..'])(
		'finds nothing at "%s"',
		async (path) => {
			expect([400, 404]).toContain((await visitor.post('/v1/listing', { path })).status);
			expect([400, 404]).toContain((await read(path)).status);
		},
	);

	test('opens the node wherever it is moved, and nothing that takes its old place', async () => {
		const { rev } = (await ann.at('box'))!;
		await ann.do({ op: 'move', id: box, base: rev, parent: ann.root, name: 'elsewhere' });
		await ann.folder('box');
		expect(await listing('/')).toEqual([200, 'elsewhere', ['plan.txt']]);
	});

	test('finds nothing when the node was deleted', async () => {
		const { cursor } = await ann.page(null, 0);
		const { rev } = (await ann.at('box'))!;
		expect(await ann.do({ op: 'delete', id: box, base: rev, below: cursor })).toMatchObject({ ok: true });
		expect((await listing('/'))[0]).toBe(404);
		await read('/plan.txt').expect(404);
	});

	test('opens no older version, and nothing that is about the whole namespace', async () => {
		await read('/plan.txt', { version: 1 }).expect(403);
		const id = box;
		const asked: [string, object][] = [
			['/v1/usage', {}],
			['/v1/paths', { ids: [id] }],
			['/v1/versions', { id }],
			['/v1/trash', {}],
			['/v1/trash/tree', { id }],
			['/v1/blocks/missing', { hashes: [blockHash(Buffer.from('the plan'))] }],
			['/v1/commit', { epoch: await ann.epoch(), key: newId(), operations: [{ op: 'delete', id, base: 1 }] }],
		];
		for (const [path, body] of asked) expect([path, (await visitor.post(path, body)).status]).toEqual([path, 403]);
		const cursors = [{ namespace: ann.namespace, epoch: null, rev: 0 }];
		await visitor.send('post', '/v1/changes').send({ cursors }).expect(403);
	});
});

describeEachEngine('where nodes are', (engine) => {
	test('their paths now, without what is not there', async () => {
		const world = await World.open(engine);
		const ann = world.person('ann');
		const inner = await ann.folder('inner', await ann.folder('outer'));
		const file = await ann.file('a.txt', 'text', inner);
		const { body } = await ann.post('/v1/paths', { ids: [inner, file, newId(), ann.root, inner] }).expect(200);
		expect(body.nodes).toEqual([
			{ id: inner, path: '/outer/inner', kind: 'folder' },
			{ id: file, path: '/outer/inner/a.txt', kind: 'file' },
		]);
		await world.close();
	});
});
