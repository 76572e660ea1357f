import { describeEachEngine } from '@mydropbox/testkit';
import { fileOf, folderPut, type Person } from './support/person.ts';
import { newId } from './support/token.ts';
import { World } from './support/world.ts';

describeEachEngine('a commit', (engine) => {
	let world: World;
	let ann: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(() => {
		ann = world.person('ann');
	});
	afterAll(() => world.close());

	const put = async (id: string, base: number, name: string, text = name, parent = ann.root) => ({
		op: 'put',
		id,
		base,
		parent,
		name,
		...(await ann.upload(text)),
	});

	test('makes files, folders and links, each with a rev of its own', async () => {
		const [folder, file, link] = [newId<string>(), newId<string>(), newId<string>()];
		const symlink = { kind: 'symlink', target: '../πλ', mtime: '-5' };
		const answer = await ann.commit([
			folderPut(folder, ann.root, 'docs'),
			await put(file, 0, 'plan.txt', 'mine', folder),
			{ op: 'put', id: link, base: 0, parent: folder, name: 'link', version: symlink },
		]);
		expect(answer).toEqual({ head: 3, results: [1, 2, 3].map((rev) => ({ ok: true, rev })) });
		expect(await ann.tree()).toEqual([
			{ kind: 'folder', id: folder, parent: ann.root, name: 'docs', rev: 1 },
			{ ...fileOf('mine').version, id: file, parent: folder, name: 'plan.txt', rev: 2 },
			{ ...symlink, id: link, parent: folder, name: 'link', rev: 3 },
		]);
	});

	test('changes a file that it knows, and refuses to change one that it does not', async () => {
		const id = await ann.file('a.txt', 'one');
		expect(await ann.do(await put(id, 1, 'a.txt', 'two'))).toEqual({ ok: true, rev: 2 });
		const late = await ann.do(await put(id, 1, 'a.txt', 'three'));
		expect(late).toMatchObject({
			ok: false,
			code: 'stale',
			node: { id, rev: 2, content: fileOf('two').version.content },
		});
		expect(await ann.do(await put(id, 0, 'a.txt', 'four'))).toMatchObject({ ok: false, code: 'stale' });
		expect(await ann.do(await put(newId(), 7, 'b.txt'))).toMatchObject({ ok: false, code: 'stale', node: null });
	});

	test('a taken name is refused and the one who has it is named; case makes another name', async () => {
		const id = await ann.file('Plan.txt');
		expect(await ann.do(await put(newId(), 0, 'Plan.txt'))).toMatchObject({ code: 'name-taken', node: { id } });
		expect(await ann.do(await put(newId(), 0, 'plan.txt'))).toMatchObject({ ok: true });
		expect(await ann.do(await put(newId(), 0, 'plan.txt '))).toMatchObject({ ok: true });
	});

	test('a parent must be there, and be a folder', async () => {
		const file = await ann.file('a.txt');
		expect(await ann.do(await put(newId(), 0, 'b', 'b', newId()))).toMatchObject({ code: 'no-parent' });
		expect(await ann.do(await put(newId(), 0, 'b', 'b', file))).toMatchObject({ code: 'not-a-folder' });
	});

	test('moving a folder is one change, whatever is in it', async () => {
		const folder = await ann.folder('docs');
		const file = await ann.file('a.txt', 'a', folder);
		const target = await ann.folder('archive');
		const move = { op: 'move', id: folder, base: 1, parent: target, name: 'old docs' };
		expect(await ann.commit([move])).toEqual({ head: 4, results: [{ ok: true, rev: 4 }] });
		const { changes } = await ann.page(await ann.epoch(), 3);
		expect(changes).toEqual([{ kind: 'folder', id: folder, parent: target, name: 'old docs', rev: 4 }]);
		expect((await ann.at('archive/old docs/a.txt'))?.id).toBe(file);
	});

	test('a folder cannot come to lie in itself; the first of two moves into each other wins', async () => {
		const one = await ann.folder('one');
		const two = await ann.folder('two');
		const inner = await ann.folder('inner', one);
		const move = (id: string, base: number, parent: string) => ({ op: 'move', id, base, parent, name: 'x' });
		expect(await ann.do(move(one, 1, one))).toMatchObject({ code: 'cycle' });
		expect(await ann.do(move(one, 1, inner))).toMatchObject({ code: 'cycle' });
		const { results } = await ann.commit([move(one, 1, two), move(two, 2, one)]);
		expect(results).toMatchObject([{ ok: true }, { ok: false, code: 'cycle' }]);
	});

	test('the root stays, and a kind is for life', async () => {
		const id = await ann.folder('a');
		expect(await ann.do({ op: 'delete', id: ann.root, base: 0, below: 9 })).toMatchObject({ code: 'is-root' });
		expect(await ann.do({ op: 'move', id: ann.root, base: 0, parent: id, name: 'x' })).toMatchObject({
			code: 'is-root',
		});
		expect(await ann.do(folderPut(ann.root, id, 'x'))).toMatchObject({ code: 'is-root' });
		expect(await ann.do(await put(id, 1, 'a'))).toMatchObject({ code: 'kind-changed', node: { id } });
	});

	test('names change hands in one commit, over a made-up one', async () => {
		const [a, b] = [await ann.file('a'), await ann.file('b')];
		const move = (id: string, base: number, name: string) => ({ op: 'move', id, base, parent: ann.root, name });
		const swap = [move(a, 1, '.made-up'), move(b, 2, 'a'), move(a, 1, 'b')];
		expect((await ann.commit(swap)).results.map(({ ok }) => ok)).toEqual([true, true, true]);
		expect((await ann.at('a'))?.id).toBe(b);
		expect((await ann.at('b'))?.id).toBe(a);
		expect(await ann.tree()).toHaveLength(2);
	});

	test('the operations on one node are accepted together or not at all', async () => {
		const [a, b] = [await ann.file('a'), await ann.file('b')];
		await ann.do(await put(b, 2, 'b', 'changed by another device'));
		const move = (id: string, base: number, name: string) => ({ op: 'move', id, base, parent: ann.root, name });
		const other = newId<string>();
		const { head, results } = await ann.commit([
			move(a, 1, '.made-up'),
			await put(other, 0, 'unrelated'),
			move(b, 2, 'a'),
			move(a, 1, 'b'),
		]);
		expect(results).toMatchObject([{ code: 'name-taken' }, { ok: true }, { code: 'stale' }, { code: 'name-taken' }]);
		expect(head).toBe(4);
		expect((await ann.tree()).map(({ name }) => name).sort()).toEqual(['a', 'b', 'unrelated']);
	});

	test('a long chain of refusals is cut short, and changes nothing', async () => {
		const ids = Array.from({ length: 50 }, () => newId<string>());
		await ann.commit([...ids.map((id, n) => folderPut(id, ann.root, `${n}`)), folderPut(newId(), ann.root, 'taken')]);
		const before = await ann.tree();
		const move = (n: number, name: string) => ({ op: 'move', id: ids[n], base: n + 1, parent: ann.root, name });
		const { results } = await ann.commit([
			...ids.map((_, n) => move(n, `made-up ${n}`)),
			...ids.map((_, n) => move(n, n === 0 ? 'taken' : `${n - 1}`)),
		]);
		expect(results.some(({ ok }) => ok)).toBe(false);
		expect(results.at(0)).toMatchObject({ code: 'name-taken' });
		expect(results.at(-1)).toMatchObject({ code: 'stale', node: { id: ids.at(-1), rev: 50, name: '49' } });
		expect(await ann.tree()).toEqual(before);
	});

	test('a folder is wrapped into a new one of its own name', async () => {
		const inner = await ann.folder('docs');
		const outer = newId<string>();
		await ann.commit([
			{ op: 'move', id: inner, base: 1, parent: ann.root, name: '.made-up' },
			folderPut(outer, ann.root, 'docs'),
			{ op: 'move', id: inner, base: 1, parent: outer, name: 'docs' },
		]);
		expect((await ann.at('docs/docs'))?.id).toBe(inner);
	});

	describe('deletes', () => {
		test('a file; what is left is a tombstone, and the id can come back', async () => {
			const id = await ann.file('a.txt', 'one');
			expect(await ann.do({ op: 'delete', id, base: 1 })).toEqual({ ok: true, rev: 2 });
			expect((await ann.page(await ann.epoch(), 1)).changes).toEqual([{ id, rev: 2, kind: 'deleted' }]);
			expect(await ann.do({ op: 'delete', id, base: 1 })).toMatchObject({
				code: 'stale',
				node: { kind: 'deleted', rev: 2 },
			});
			expect(await ann.do(await put(id, 2, 'a.txt'))).toMatchObject({ code: 'stale' });
			expect(await ann.do(folderPut(id, ann.root, 'a.txt'))).toMatchObject({ code: 'kind-changed' });
			expect(await ann.do(await put(id, 0, 'back.txt', 'two'))).toEqual({ ok: true, rev: 3 });
			expect((await ann.page(await ann.epoch(), 1)).changes).toMatchObject([{ id, rev: 3, kind: 'file' }]);
			expect(await ann.do({ op: 'delete', id, base: 3 })).toEqual({ ok: true, rev: 4 });
			expect((await ann.page(await ann.epoch(), 0)).changes).toEqual([]);
			expect((await ann.page(await ann.epoch(), 2)).changes).toEqual([{ id, rev: 4, kind: 'deleted' }]);
		});

		test('made, deleted and made again in one commit: it is there, and nowhere deleted', async () => {
			await ann.folder('earlier');
			const id = newId<string>();
			const made = folderPut(id, ann.root, 'docs');
			const { results } = await ann.commit([made, { op: 'delete', id, base: 0 }, made]);
			expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
			const { changes } = await ann.page(await ann.epoch(), 1);
			expect(changes).toEqual([{ kind: 'folder', id, parent: ann.root, name: 'docs', rev: 4 }]);
		});

		test('a folder only when it is empty, or when nothing in it is news', async () => {
			const folder = await ann.folder('docs');
			const sub = await ann.folder('sub', folder);
			const file = await ann.file('a.txt', 'a', sub);
			expect(await ann.do({ op: 'delete', id: folder, base: 1 })).toMatchObject({ code: 'not-empty' });
			expect(await ann.do({ op: 'delete', id: folder, base: 1, below: 2 })).toMatchObject({ code: 'changed-below' });
			expect(await ann.commit([{ op: 'delete', id: folder, base: 1, below: 3 }])).toEqual({
				head: 6,
				results: [{ ok: true, rev: 6 }],
			});
			expect((await ann.page(await ann.epoch(), 3)).changes).toEqual(
				[file, sub, folder].map((id, index) => ({ id, rev: 4 + index, kind: 'deleted' })),
			);
			expect(await ann.tree()).toEqual([]);
			expect((await ann.post('/v1/usage', {}).expect(200)).body).toMatchObject({ bytesUsed: 0, files: 0 });
		});

		test('a folder that its own commit emptied, leaf by leaf', async () => {
			const folder = await ann.folder('docs');
			const file = await ann.file('a.txt', 'a', folder);
			const { results } = await ann.commit([
				{ op: 'delete', id: file, base: 2 },
				{ op: 'delete', id: folder, base: 1 },
			]);
			expect(results.map(({ ok }) => ok)).toEqual([true, true]);
		});

		test('what its own commit moved into the folder goes too, unless it holds news', async () => {
			const folder = await ann.folder('docs');
			const other = await ann.folder('other');
			await ann.file('news', 'news', other);
			const into = { op: 'move', id: other, base: 2, parent: folder, name: 'other' };
			const remove = (below: number) => ({ op: 'delete', id: folder, base: 1, below });
			expect((await ann.commit([into, remove(2)])).results).toMatchObject([{ ok: true }, { code: 'changed-below' }]);
			const moved = await ann.do({ op: 'move', id: other, base: 4, parent: ann.root, name: 'other' });
			expect(moved).toEqual({ ok: true, rev: 5 });
			expect((await ann.commit([{ ...into, base: 5 }, remove(5)])).results).toMatchObject([{ ok: true }, { ok: true }]);
			expect(await ann.tree()).toEqual([]);
		});

		test('what its own commit moved out of the folder stays', async () => {
			const folder = await ann.folder('docs');
			const file = await ann.file('a.txt', 'a', folder);
			await ann.file('b.txt', 'b', folder);
			const { results } = await ann.commit([
				{ op: 'move', id: file, base: 2, parent: ann.root, name: 'a.txt' },
				{ op: 'delete', id: folder, base: 1, below: 3 },
			]);
			expect(results).toMatchObject([{ ok: true }, { ok: true }]);
			expect((await ann.tree()).map(({ name }) => name)).toEqual(['a.txt']);
		});
	});

	describe('checks contents', () => {
		const operation = (version: object, content?: object) => ({
			op: 'put',
			id: newId(),
			base: 0,
			parent: ann.root,
			name: newId(),
			version,
			...(content ? { content } : {}),
		});

		test('blocks that were never sent are missing, of another user too', async () => {
			const { version, content } = fileOf(['one', 'two']);
			const bob = world.person('bob');
			await bob.upload(['one', 'two']);
			expect(await ann.do(operation(version, content))).toMatchObject({ code: 'missing-blocks' });
			await ann.upload('one');
			expect(await ann.do(operation(version, content))).toMatchObject({ code: 'missing-blocks' });
			await ann.upload('two');
			expect(await ann.do(operation(version, content))).toMatchObject({ ok: true });
		});

		test('a content that is known needs no list; one that is not does', async () => {
			const { version, content } = await ann.upload('known');
			expect(await ann.do(operation(version))).toMatchObject({ code: 'unknown-content' });
			const { results } = await ann.commit([operation(version, content), operation(version)]);
			expect(results).toMatchObject([{ ok: true }, { ok: true }]);
			expect(await ann.do(operation(version))).toMatchObject({ ok: true });
			expect(await ann.do(operation({ ...version, size: 6 }))).toMatchObject({ code: 'bad-content' });
		});

		test('a list that does not fit is refused', async () => {
			const { version, content } = await ann.upload(['one', 'three']);
			const lies = [
				operation(version, { ...content, size: 9 }),
				operation({ ...version, size: 9 }, { ...content, size: 9 }),
				operation(version, { ...content, blocks: content.blocks.toReversed() }),
				operation(version, fileOf('one').content),
				operation({ kind: 'folder' }, content),
			];
			const [first] = content.blocks;
			const longer = { blocks: [{ ...first, size: 4 }] };
			const { contentOf } = await import('@mydropbox/protocol/content');
			const invented = contentOf(longer.blocks as never);
			lies.push(operation({ ...version, content: invented.hash, size: 4 }, invented));
			const { head, results } = await ann.commit(lies);
			expect(results).toMatchObject(lies.map(() => ({ ok: false, code: 'bad-content' })));
			expect(head).toBe(0);
		});

		test('the empty file', async () => {
			await ann.file('empty', '');
			expect(await ann.at('empty')).toMatchObject({ size: 0 });
		});

		test('what does not fit the quota is refused; what makes room is not', async () => {
			const carl = world.person('carl', { quota: 10 });
			const id = await carl.file('a', '12345678');
			const { version, content } = await carl.upload('123');
			const more = { op: 'put', id: newId(), base: 0, parent: carl.root, name: 'b', version, content };
			expect(await carl.do(more)).toMatchObject({ code: 'quota-exceeded' });
			expect(await carl.do({ op: 'put', id, base: 1, parent: carl.root, name: 'a', version, content })).toMatchObject({
				ok: true,
			});
			expect(await carl.do(more)).toMatchObject({ ok: true });
			expect((await carl.post('/v1/usage', {}).expect(200)).body).toEqual({
				bytesUsed: 6,
				quota: 10,
				files: 2,
			});
		});
	});

	describe('limits the depth of paths', () => {
		const chain = (length: number, parent: string) => {
			const ids = Array.from({ length }, () => newId<string>());
			return { ids, puts: ids.map((id, index) => folderPut(id, ids[index - 1] ?? parent, `${index}`)) };
		};

		test('200 names are enough', async () => {
			const { ids, puts } = chain(201, ann.root);
			const { results } = await ann.commit(puts);
			expect(results.filter(({ ok }) => ok)).toHaveLength(200);
			expect(results[200]).toMatchObject({ code: 'too-deep' });
			expect((await ann.tree()).find(({ id }) => id === ids[199])).toBeDefined();
		});

		test('a folder counts with all that is in it', async () => {
			const deep = chain(150, ann.root);
			await ann.commit(deep.puts);
			const low = await ann.folder('low');
			const tall = chain(60, low);
			await ann.commit(tall.puts);
			const move = (parent: string, base: number) => ({ op: 'move', id: low, base, parent, name: 'low' });
			expect(await ann.do(move(deep.ids[149] as string, 151))).toMatchObject({ code: 'too-deep' });
			expect(await ann.do(move(deep.ids[138] as string, 151))).toMatchObject({ ok: true });
			expect(await ann.do(move(deep.ids[139] as string, 212))).toMatchObject({ code: 'too-deep' });
			expect(await ann.do(move(ann.root, 212))).toMatchObject({ ok: true });
		});
	});

	test('sent twice is done once; the key with other operations is refused', async () => {
		const key = newId<string>();
		const operations = [await put(newId(), 0, 'a'), await put(newId(), 9, 'b')];
		const [one, two] = await Promise.all([ann.commit(operations, { key }), ann.commit(operations, { key })]);
		expect(one).toEqual(two);
		expect(one.head).toBe(1);
		const other = await ann.commitRequest([await put(newId(), 0, 'c')], { key });
		expect(other.status).toBe(409);
		expect(other.body.error.code).toBe('idempotency-mismatch');
		expect(await ann.tree()).toHaveLength(1);
	});

	test('made in another epoch is refused', async () => {
		const answer = await ann.commitRequest([await put(newId(), 0, 'a')], { epoch: newId() });
		expect(answer.status).toBe(409);
		expect(answer.body.error.code).toBe('epoch-changed');
		expect(await ann.tree()).toEqual([]);
	});

	test('an administrator reads the tree with SQL', async () => {
		const dora = world.person('dora');
		const folder = await dora.folder('Dokumente 📄');
		await dora.file('plän.txt', 'x', folder);
		const rows = await world.context.db.selectFrom('Files').selectAll().where('Owner', '=', 'dora').execute();
		expect(rows).toEqual([
			{ Filepath: '/Dokumente 📄/plän.txt', Owner: 'dora', LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
		]);
	});
});
