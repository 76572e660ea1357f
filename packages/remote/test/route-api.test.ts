import { RouteApi } from '../src/index.ts';
import { answer, bodyOf, type Handler, refuse, serve, type TestServer } from './support/serve.ts';
import { collect, grant, NAMESPACE } from './support/values.ts';

let server: TestServer;
afterEach(() => server.close());

async function apiFor(handler: Handler): Promise<RouteApi> {
	server = await serve(handler);
	return new RouteApi(`${server.origin}/some/page`);
}

test('discovery fills in the address that was asked', async () => {
	const api = await apiFor((_, response) =>
		answer(
			response,
			200,
			{ service: 'mydropbox', protocol: 1, routeServer: 'http://route:8081', webServer: null },
			{ date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
		),
	);
	await expect(api.discover()).resolves.toEqual({
		time: new Date('2026-11-21T10:00:00Z'),
		protocol: 1,
		routeServer: 'http://route:8081',
		webServer: server.origin,
	});
	expect(server.requests[0]!.url).toBe('/.well-known/mydropbox');
});

test('signing up says no more than that it worked', async () => {
	let sent: unknown;
	const api = await apiFor(async (request, response) => {
		sent = JSON.parse(String(await bodyOf(request)));
		answer(response, 201, { user: {} });
	});
	const account = { username: 'ann', email: 'ann@example.org', password: 'correct horse' };
	await expect(api.signUp(account)).resolves.toBeUndefined();
	expect(sent).toEqual(account);
});

test('signing in is never repeated by itself', async () => {
	const api = await apiFor((_, response) => refuse(response, 503, 'not-ready'));
	await expect(api.signIn({ username: 'ann', password: 'x', device: 'laptop' })).rejects.toMatchObject({
		code: 'not-ready',
	});
	expect(server.requests).toHaveLength(1);
});

test('tokens and signing out are asked for with the refresh token', async () => {
	const api = await apiFor((request, response) => {
		if (request.method === 'DELETE') response.writeHead(204).end();
		else answer(response, 200, { grants: [grant('http://data:8082', 't')] });
	});
	await expect(api.tokens('refresh')).resolves.toEqual({ grants: [grant('http://data:8082', 't')] });
	await api.signOut('refresh');
	expect(server.requests.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
		['POST', '/v1/tokens', 'Bearer refresh'],
		['DELETE', '/v1/devices/self', 'Bearer refresh'],
	]);
});

describe('content', () => {
	const query = { namespace: NAMESPACE, path: '/bé & co.txt' };

	test('is streamed with its status and headers; conditions are passed on', async () => {
		const api = await apiFor((_, response) => response.writeHead(206, { 'content-range': 'bytes 1-2/9' }).end('bc'));
		const content = await api.content(query, { token: 't', headers: { range: 'bytes=1-2' } });
		expect(content.status).toBe(206);
		expect(content.headers['content-range']).toBe('bytes 1-2/9');
		expect(String(Buffer.concat(await collect(content.body)))).toBe('bc');
		const asked = server.requests[0]!;
		expect(asked.headers.range).toBe('bytes=1-2');
		expect(Object.fromEntries(new URL(asked.url!, server.origin).searchParams)).toEqual(query);
	});

	test.each([304, 416])('%i is an answer, not an error', async (status) => {
		const api = await apiFor((_, response) => response.writeHead(status).end());
		const { status: answered, body } = await api.content(query, { token: 't' });
		body.destroy();
		expect(answered).toBe(status);
	});

	test('that is not there is an error', async () => {
		const api = await apiFor((_, response) => refuse(response, 404, 'not-found'));
		await expect(api.content(query, { token: 't' })).rejects.toMatchObject({ code: 'not-found' });
	});
});
