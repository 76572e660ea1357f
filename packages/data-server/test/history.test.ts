import { describeEachEngine } from '@mydropbox/testkit';
import { deletedTree, listTrash } from '../src/history/trash.ts';
import { commit, Namespaces } from '../src/index.ts';
import { readNamespace } from '../src/journal/namespaces.ts';
import { folderPut, Person } from './support/person.ts';
import { newId } from './support/token.ts';
import { World } from './support/world.ts';

describeEachEngine('what was there before', (engine) => {
	let world: World;
	let ann: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(() => {
		ann = world.person('ann');
	});
	afterAll(() => world.close());

	const versions = async (id: string, page = {}) =>
		(await ann.post('/v1/versions', { id, ...page }).expect(200)).body.states as {
			state: { rev: number; name: string; size: number };
			device: string | null;
		}[];
	const trash = async (page = {}) =>
		(await ann.post('/v1/trash', page).expect(200)).body.deleted as {
			state: { name: string };
			folder: string;
			rev: number;
			device: string;
		}[];
	const tree = (id: string) => ann.post('/v1/trash/tree', { id });
	const put = async (id: string, base: number, name: string, bytes: string) =>
		ann.do({ op: 'put', id, base, parent: ann.root, name, ...(await ann.upload(bytes)) });
	const read = (path: string, version?: number) =>
		ann.send('get', '/v1/content').query({ namespace: ann.namespace, path, ...(version ? { version } : {}) });

	test('every state of a file, latest first, in pages, with the device that it came from', async () => {
		const id = await ann.file('a.txt', 'one');
		const desk = new Person(world, { ...ann.identity, name: 'desk', device: newId() }, {});
		await desk.do({ op: 'put', id, base: 1, parent: ann.root, name: 'a.txt', ...(await ann.upload('second')) });
		await ann.do({ op: 'move', id, base: 2, parent: ann.root, name: 'b.txt' });
		const all = await versions(id);
		expect(all.map(({ state: { rev, name, size }, device }) => [rev, name, size, device])).toEqual([
			[3, 'b.txt', 6, "ann's laptop"],
			[2, 'a.txt', 6, "desk's laptop"],
			[1, 'a.txt', 3, "ann's laptop"],
		]);
		expect(await versions(id, { limit: 1 })).toEqual([all[0]]);
		expect(await versions(id, { before: 3, limit: 1 })).toEqual([all[1]]);
		expect(await versions(newId())).toEqual([]);
	});

	test('the bytes of an old version, under the name that the file has now', async () => {
		const id = await ann.file('a.txt', 'one');
		await put(id, 1, 'a.txt', 'second');
		await ann.do({ op: 'move', id, base: 2, parent: ann.root, name: 'b.txt' });
		const old = await read('/b.txt', 1).expect(200);
		expect([old.text, old.headers['content-disposition']]).toEqual(['one', 'attachment; filename=b.txt']);
		expect((await read('/b.txt', 3).expect(200)).text).toBe('second');
		expect((await read('/b.txt').expect(200)).text).toBe('second');
		await read('/b.txt', 9).expect(404);
		await read('/b.txt', -1).expect(400);
	});

	test('an old version becomes the current one without its blocks being sent again', async () => {
		const id = await ann.file('a.txt', 'one');
		await put(id, 1, 'a.txt', 'second');
		const { version } = await ann.upload('');
		const old = { ...version, ...(await versions(id)).at(-1)?.state } as Record<string, unknown>;
		const { content, size, mtime, exec } = old;
		const restored = { kind: 'file', content, size, mtime, exec };
		const result = await ann.do({ op: 'put', id, base: 2, parent: ann.root, name: 'a.txt', version: restored });
		expect(result).toMatchObject({ ok: true });
		expect((await read('/a.txt').expect(200)).text).toBe('one');
	});

	test('what was deleted, latest first; not what went with its folder', async () => {
		const docs = await ann.folder('docs');
		const inner = await ann.folder('inner', docs);
		const id = await ann.file('deep.txt', 'deep', inner);
		const single = await ann.file('single.txt', 'single', docs);
		await ann.do({ op: 'delete', id: single, base: 4 });
		expect(await trash()).toMatchObject([{ state: { name: 'single.txt' }, folder: '/docs', rev: 5 }]);
		await ann.do({ op: 'delete', id: docs, base: 1, below: 5 });
		const all = await trash();
		expect(all.map(({ state, folder }) => [state.name, folder])).toEqual([['docs', '/']]);
		const { body } = await tree(docs).expect(200);
		expect(body.folder).toBe('/');
		expect(body.states.map(({ name }: { name: string }) => name)).toEqual(['docs', 'inner', 'deep.txt', 'single.txt']);
		await tree(id).expect(404);
		await ann.commit(body.states.map((state: { id: string }) => backAgain(state)));
		expect(await trash()).toEqual([]);
		expect(await ann.at('docs/inner/deep.txt')).toMatchObject({ id });
		expect((await read('/docs/single.txt').expect(200)).text).toBe('single');
		await tree(docs).expect(404);
	});

	test('pages of the trash', async () => {
		for (const name of ['a', 'b', 'c']) await ann.do({ op: 'delete', id: await ann.file(name), base: await head() });
		const first = await trash({ limit: 2 });
		expect(first.map(({ state }) => state.name)).toEqual(['c', 'b']);
		expect((await trash({ limit: 2, before: first[1]?.rev })).map(({ state }) => state.name)).toEqual(['a']);
	});
	const head = async () => (await ann.page(null, 0)).cursor;

	test('what was deleted from a folder long before it is not taken for deleted along with it', async () => {
		const { db, index } = world.context;
		const id = ann.namespace as never;
		const grant = { id, owner: newId<never>(), ownerName: 'ann', quota: 1e9, rights: 'write' as const };
		await new Namespaces(db, () => new Date()).ensure(grant);
		const { epoch } = await readNamespace(db, id);
		const [docs, early, late] = [newId<string>(), newId<string>(), newId<string>()];
		const at = async (minute: number, ...operations: object[]) => {
			const by = { grant, device: newId<never>(), deviceName: 'laptop', at: new Date(minute * 60_000) };
			const request = { namespace: id, epoch, key: newId<never>(), operations: operations as never };
			const { results } = await commit(db, index, by, request);
			expect(results.filter(({ ok }) => !ok)).toEqual([]);
		};
		await at(0, folderPut(docs, ann.root, 'docs'));
		await at(1, folderPut(early, docs, 'early'), folderPut(late, docs, 'late'));
		await at(2, { op: 'delete', id: early, base: 2 });
		await at(9, { op: 'delete', id: late, base: 3 });
		await at(9.5, { op: 'delete', id: docs, base: 1 });
		expect((await deletedTree(db, id, docs as never)).states.map(({ name }) => name)).toEqual(['docs', 'late']);
		await at(10, folderPut(docs, ann.root, 'docs'), folderPut(late, docs, 'late'));
		expect((await listTrash(db, id, { limit: 9 })).map(({ state }) => state.name)).toEqual(['early']);
	});

	test('is nobody else’s to see', async () => {
		const id = await ann.file('a.txt', 'one');
		const eve = world.person('eve');
		for (const path of ['/v1/versions', '/v1/trash', '/v1/trash/tree'])
			await eve
				.send('post', path)
				.send({ namespace: ann.namespace, ...(path === '/v1/trash' ? {} : { id }) })
				.expect(403);
	});
});

const backAgain = ({ id, parent, name, rev: _, ...version }: Record<string, unknown>) => ({
	op: 'put',
	...{ id, base: 0, parent, name, version },
});
