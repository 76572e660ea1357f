import { describeEachEngine } from '@mydropbox/testkit';
import { cleanUp } from './support/cleanup.ts';
import { type Person, type Product, startProduct } from './support/product.ts';

describeEachEngine('a link to a file or folder', (engine) => {
	let product: Product;
	let ann: Person;
	beforeAll(async () => {
		product = await startProduct(engine.name === 'mysql' ? { database: engine.freshUrl() } : {});
		ann = await product.signUp('ann');
		for (const path of ['/box', '/box/inner']) await own('POST', '/folders', { body: { path } });
		await upload('/', 'secret.txt', 'for nobody else');
		await upload('/box', 'plan.txt', 'the plan');
		await upload('/box/inner', 'deep.txt', 'deep');
	}, 60_000);
	afterAll(cleanUp, 60_000);

	const own = (method: string, path: string, more: object = {}) =>
		product.api(method, path, { token: ann.token, ...more });
	async function upload(folder: string, name: string, text: string): Promise<void> {
		const body = new FormData();
		body.append('file', new Blob([text]), name);
		const headers = { authorization: `Bearer ${ann.token}` };
		const answer = await fetch(`${product.site}/api/v1/files?path=${folder}`, { method: 'POST', headers, body });
		expect(answer.status).toBe(201);
	}
	async function share(path: string, days: number | null = null): Promise<{ id: string; token: string }> {
		const answer = await own('POST', '/links', { body: { path, days } });
		expect(answer.status).toBe(201);
		const { link, token } = (await answer.json()) as { link: { id: string }; token: string };
		return { id: link.id, token };
	}
	/** As a script does. */
	const visit = (token: string, path: string, method = 'GET') => product.api(method, `/shared${path}`, { token });
	const names = async (token: string, path = '/') => {
		const answer = await visit(token, `/files?path=${encodeURIComponent(path)}`);
		const { entries = [] } = (await answer.json()) as { entries?: { path: string }[] };
		return [answer.status, entries.map((entry) => entry.path)];
	};
	const links = async () =>
		((await (await own('GET', '/links')).json()) as { links: { id: string; path: string }[] }).links;

	it('shows a folder and what is in it, and nothing else', async () => {
		const { token } = await share('/box');
		expect(await names(token)).toEqual([200, ['/inner', '/plan.txt']]);
		expect(await names(token, '/inner')).toEqual([200, ['/inner/deep.txt']]);
		expect(await (await visit(token, '/files/content?path=/plan.txt')).text()).toBe('the plan');
		const zip = await visit(token, '/folders/archive');
		expect([zip.status, zip.headers.get('content-disposition')]).toEqual([200, 'attachment; filename=box.zip']);
		expect(Buffer.from(await zip.arrayBuffer()).toString('latin1')).toContain('box/inner/deep.txt');
		for (const path of ['/secret.txt', '/box', '/box/plan.txt', '/../secret.txt', '/inner/../../secret.txt']) {
			for (const at of ['/files', '/files/content', '/folders/archive']) {
				const answer = await visit(token, `${at}?path=${encodeURIComponent(path)}`);
				expect([path, at, [400, 404].includes(answer.status)]).toEqual([path, at, true]);
			}
		}
	});

	it('is opened by a browser with a cookie that no script sees, for this link alone', async () => {
		const [file, folder] = [await share('/box/plan.txt'), await share('/box')];
		const opened = await product.api('POST', '/shared', { body: { token: file.token } });
		expect(await opened.json()).toMatchObject({
			id: file.id,
			entry: { name: 'plan.txt', path: '/', kind: 'file', size: 8 },
			owner: 'ann',
			endsAt: null,
		});
		const cookie = opened.headers.get('set-cookie')!;
		expect(cookie).toMatch(/^mydropbox-link-[0-9a-f]{32}=[\w-]{43}; Path=\/api\/v1\/shared; HttpOnly; SameSite=Lax$/);
		const read = (id: string) =>
			fetch(`${product.site}/api/v1/shared/files/content?link=${id}`, { headers: { cookie: cookie.split(';')[0]! } });
		expect(await (await read(file.id)).text()).toBe('the plan');
		expect((await read(folder.id)).status).toBe(401);
	});

	it('follows what it leads to, and ends when its owner says so', async () => {
		await upload('/', 'wanders.txt', 'wanders');
		const { id, token } = await share('/wanders.txt');
		await own('POST', '/files/move', { body: { from: '/wanders.txt', to: '/box/there.txt' } });
		await upload('/', 'wanders.txt', 'another one');
		const read = async () => {
			const answer = await visit(token, '/files/content');
			return answer.status === 200 ? answer.text() : answer.status;
		};
		expect(await read()).toBe('wanders');
		expect((await links())[0]).toMatchObject({ id, path: '/box/there.txt' });
		await own('DELETE', '/files?path=/box/there.txt');
		expect(await read()).toBe(404);
		expect((await links())[0]).toMatchObject({ id, path: null });
		const { entries } = (await (await own('GET', '/trash')).json()) as { entries: { id: string }[] };
		await own('POST', '/trash/restore', { body: { id: entries[0]!.id } });
		expect(await read()).toBe('wanders');
		expect((await own('DELETE', `/links?id=${id}`)).status).toBe(204);
		expect(await read()).toBe(404);
		expect((await own('DELETE', `/links?id=${id}`)).status).toBe(404);
	});

	it('opens nothing but what it leads to, and a session opens no link', async () => {
		const { token } = await share('/box');
		for (const path of ['/me', '/files?path=/', '/links', '/devices', '/trash'])
			expect([path, (await product.api('GET', path, { token })).status]).toEqual([path, 401]);
		expect((await visit(ann.token, '/files?path=/')).status).toBe(404);
		expect((await visit('x'.repeat(43), '/files?path=/')).status).toBe(404);
		expect((await product.api('POST', '/shared', { body: { token: 'x'.repeat(43) } })).status).toBe(404);
	});
});
