import { describeEachEngine } from '@mydropbox/testkit';
import { parse } from 'content-disposition';
import { fileOf, folderPut, type Person } from './support/person.ts';
import { newId } from './support/token.ts';
import { World } from './support/world.ts';

describeEachEngine('reading in a browser', (engine) => {
	let world: World;
	let ann: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(() => {
		ann = world.person('ann');
	});
	afterAll(() => world.close());

	const get = (path: string, query: object = {}) =>
		ann.send('get', '/v1/content').query({ namespace: ann.namespace, path, ...query });

	test('a file, whole, with its name, its type and a validator', async () => {
		await ann.file('notes.txt', ['Hello, ', 'wörld', '!']);
		const answer = await get('/notes.txt').expect(200);
		expect(answer.text).toBe('Hello, wörld!');
		expect(answer.headers).toMatchObject({
			'content-type': 'text/plain; charset=utf-8',
			'content-length': '14',
			'content-disposition': 'attachment; filename=notes.txt',
			'accept-ranges': 'bytes',
			'x-content-type-options': 'nosniff',
			'cache-control': 'private, no-cache',
			etag: `"${fileOf(['Hello, ', 'wörld', '!']).content.hash}"`,
			'last-modified': 'Fri, 21 Nov 2025 09:40:00 GMT',
		});
		expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
	});

	test('HEAD tells the same without the bytes', async () => {
		await ann.file('notes.txt', 'hello');
		const head = await ann
			.send('head', '/v1/content')
			.query({ namespace: ann.namespace, path: '/notes.txt' })
			.expect(200);
		expect(head.headers['content-length']).toBe('5');
		expect(head.text).toBeUndefined();
	});

	describe('ranges', () => {
		const blocks = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ'];
		const whole = blocks.join('');
		let etag: string;
		beforeEach(async () => {
			await ann.file('f.bin.txt', blocks);
			etag = `"${fileOf(blocks).content.hash}"`;
		});
		test.each([
			['bytes=0-0', 0, 1],
			['bytes=5-14', 5, 15],
			['bytes=10-19', 10, 20],
			['bytes=25-', 25, 30],
			['bytes=-3', 27, 30],
			['bytes=-99', 0, 30],
			['bytes=28-99', 28, 30],
		])('%s', async (range, start, end) => {
			const answer = await get('/f.bin.txt').set('Range', range).expect(206);
			expect(answer.text).toBe(whole.slice(start, end));
			expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/30`);
			expect(answer.headers['content-length']).toBe(String(end - start));
		});
		test.each(['bytes=0-1,10-11', 'bytes=9-3', 'bytes=-', 'bytes=0-1, 2-3', 'pages=1-2', 'bytes=x-y'])(
			'%s is answered with the whole file',
			async (range) => {
				expect((await get('/f.bin.txt').set('Range', range).expect(200)).text).toBe(whole);
			},
		);
		test('outside of the file', async () => {
			const answer = await get('/f.bin.txt').set('Range', 'bytes=30-40').expect(416);
			await get('/f.bin.txt').set('Range', 'bytes=-0').expect(416);
			expect(answer.headers['content-range']).toBe('bytes */30');
			expect(answer.body.error.code).toBe('range-not-satisfiable');
			expect(answer.headers['content-disposition']).toBeUndefined();
		});
		test('of a version that is no longer there, or of the one that is', async () => {
			await get('/f.bin.txt').set('Range', 'bytes=0-1').set('If-Range', '"another"').expect(200);
			await get('/f.bin.txt').set('Range', 'bytes=0-1').set('If-Range', etag).expect(206);
			await get('/f.bin.txt').set('If-None-Match', etag).expect(304);
			await get('/f.bin.txt').set('If-None-Match', '"another"').expect(200);
		});
	});

	test.each([
		['plan.txt'],
		['Плани "на" мартъ; 100%.pdf'],
		['emoji 👩‍👩‍👧 .png'],
		['new\nline\ttab.txt'],
		['back\\slash.txt'],
		['שלום.doc'],
	])('the name %j arrives', async (name) => {
		await ann.file(name, 'x');
		const answer = await get(`/${name}`).expect(200);
		const { parameters } = parse(answer.headers['content-disposition'] as string);
		expect(parameters.filename).toBe(name);
	});

	test.each([
		['a.html', 'text/html; charset=utf-8', 'attachment'],
		['a.svg', 'image/svg+xml', 'attachment'],
		['a.js', 'text/javascript; charset=utf-8', 'attachment'],
		['a.xml', 'application/xml', 'attachment'],
		['a.xhtml', 'application/xhtml+xml', 'attachment'],
		['a', 'application/octet-stream', 'attachment'],
		['a.png', 'image/png', 'inline'],
		['a.txt', 'text/plain; charset=utf-8', 'inline'],
		['a.pdf', 'application/pdf', 'inline'],
		['a.mp4', 'video/mp4', 'inline'],
	])('%s is %s and shown as %s', async (name, type, disposition) => {
		await ann.file(name, '<script>alert(1)</script>');
		const answer = await get(`/${name}`, { disposition: 'inline' }).buffer().expect(200);
		expect(answer.headers['content-type']).toBe(type);
		expect(answer.headers['content-disposition']).toMatch(new RegExp(`^${disposition};`));
		expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'/);
		expect((await get(`/${name}`).buffer().expect(200)).headers['content-disposition']).toMatch(/^attachment;/);
	});

	test('the empty file', async () => {
		await ann.file('empty.txt', '');
		expect((await get('/empty.txt').expect(200)).headers['content-length']).toBe('0');
	});

	test('folders, links and what is not there have no bytes', async () => {
		const folder = await ann.folder('docs');
		const version = { kind: 'symlink', target: 'docs', mtime: '0' };
		await ann.do({ op: 'put', id: newId(), base: 0, parent: folder, name: 'link', version });
		for (const [path, status, message] of [
			['/docs', 400, /"docs" is a folder/],
			['/', 400, /is a folder/],
			['/docs/link', 400, /symbolic link/],
			['/docs/none', 404, /no "none" here/],
			['/docs/link/x', 404, /no "x" here/],
			['docs', 400, /starts with/],
			['/../x', 400, /means another folder/],
			['/a\0b', 400, /NUL/],
			[`/${'x'.repeat(256)}`, 400, /longer than 255/],
			['/x'.repeat(201), 400, /at most 200/],
		] as const) {
			const answer = await get(path).expect(status);
			expect(answer.body.error.message).toMatch(message);
		}
	});

	describe('listing', () => {
		const list = async (path: string, more: object = {}) =>
			(await ann.post('/v1/listing', { path, ...more }).expect(200)).body;

		test('folders first, then by name, in pages', async () => {
			const docs = await ann.folder('docs');
			await ann.commit(['z', 'm'].map((name) => folderPut(newId(), docs, name)));
			for (const name of ['b.txt', 'a.txt']) await ann.file(name, name, docs);
			const page = await list('/docs');
			expect(page).toMatchObject({ folder: docs, node: { id: docs, name: 'docs' }, head: 5, subtreeRev: 5, total: 4 });
			expect(page.entries.map(({ name }: { name: string }) => name)).toEqual(['m', 'z', 'a.txt', 'b.txt']);
			const second = await list('/docs', { offset: 2, limit: 1 });
			expect(second.entries.map(({ name }: { name: string }) => name)).toEqual(['a.txt']);
			expect(second.total).toBe(4);
		});

		test('the root has no node; a file has no entries; a path that a person typed is brought to NFC', async () => {
			await ann.file('ä.txt', 'x');
			expect(await list('/')).toMatchObject({ folder: ann.root, node: null, total: 1 });
			expect(await list('/a\u0308.txt')).toMatchObject({ folder: null, node: { kind: 'file' }, entries: [], total: 0 });
			expect((await ann.post('/v1/listing', { path: '/none' }).expect(404)).body.error.code).toBe('not-found');
		});
	});
});

describeEachEngine('bad requests', (engine) => {
	let world: World;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	afterAll(() => world.close());

	test.each<[string, unknown, RegExp]>([
		['two dots', '..', /means another folder/],
		['one dot', '.', /means another folder/],
		['nothing', '', /empty/],
		['a slash', 'a/b', /slash/],
		['NUL', 'a\0b', /NUL/],
		['256 bytes', 'ü'.repeat(128), /longer than 255/],
		['half a surrogate pair', 'a\ud800', /not valid Unicode/],
		['NFD', 'a\u0308', /NFC/],
		['a number', 7, /expected string/],
	])('a name that is %s', async (_what, name, message) => {
		const ann = world.person('ann');
		const operation = { ...folderPut(newId(), ann.root, 'x'), name };
		const answer = await ann.commitRequest([operation]);
		expect([answer.status, answer.body.error.code]).toEqual([400, 'bad-request']);
		expect(answer.body.error.message).toMatch(/operations\[0\]\.name|operations\.0\.name/);
		expect(answer.body.error.message).toMatch(message);
		expect(await ann.tree()).toEqual([]);
	});

	test('a name of 255 bytes is fine, a link target of 4096 bytes is not', async () => {
		const ann = world.person('ann');
		const name = `${'ü'.repeat(127)}x`;
		const link = (target: string) => ({
			op: 'put',
			id: newId(),
			base: 0,
			parent: ann.root,
			name,
			version: { kind: 'symlink', target, mtime: '0' },
		});
		expect((await ann.commitRequest([link('x'.repeat(4096))])).status).toBe(400);
		expect(await ann.do(link('x'.repeat(4095)))).toMatchObject({ ok: true });
		expect(await ann.at(name)).toMatchObject({ target: 'x'.repeat(4095) });
	});

	test.each<[string, string, string, number, string]>([
		['not JSON', 'application/json', '{"namespace":', 400, 'bad-request'],
		['another type', 'text/plain', 'hello', 415, 'unsupported-type'],
		['a list', 'application/json', '[]', 400, 'bad-request'],
		['an unknown field', 'application/json', '{"extra":1}', 400, 'bad-request'],
	])('a body that is %s', async (_what, type, body, status, code) => {
		const ann = world.person('ann');
		const answer = await ann.send('post', '/v1/commit').set('Content-Type', type).send(body);
		expect([answer.status, answer.body.error.code]).toEqual([status, code]);
	});

	test('too many operations, too large a body', async () => {
		const ann = world.person('ann');
		const many = Array.from({ length: 1001 }, (_, n) => folderPut(newId(), ann.root, `${n}`));
		expect((await ann.commitRequest(many)).status).toBe(400);
		const large = await ann
			.send('post', '/v1/commit')
			.send({ x: 'x'.repeat(33 * 1024 * 1024) })
			.catch(() => undefined);
		if (large) expect(large.status).toBe(413);
	});
});
