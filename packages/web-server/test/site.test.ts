import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { API } from '../src/app.ts';
import { createWorld, type World } from './support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'mydropbox-site-'));
let world: World;
beforeAll(async () => {
	world = await createWorld(`sqlite:${join(directory, 'central.sqlite')}`);
});
afterAll(async () => {
	await world.close();
	rmSync(directory, { recursive: true });
});
const get = (path: string) => request(world.app).get(path);

test('a website that was not built says what to do', async () => {
	const { text } = await get('/').expect(503);
	expect(text).toContain('npm run build');
});

describe('the website', () => {
	beforeAll(() => {
		mkdirSync(join(world.portal, 'assets'));
		writeFileSync(join(world.portal, 'index.html'), '<!doctype html><title>MyDropbox</title>');
		writeFileSync(join(world.portal, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
		writeFileSync(join(world.portal, 'assets', 'index-abc123.js'), 'console.log(1)');
	});

	test.each(['/', '/sign-in', '/files/Photos/2026', '/files/a.txt', '/files/100%25'])(
		'%s is its one page, always fresh',
		async (path) => {
			const { text, headers } = await get(path).expect(200);
			expect(text).toContain('<title>MyDropbox</title>');
			expect(headers['cache-control']).toBe('no-cache');
		},
	);

	test('hashed files are kept for good', async () => {
		const { headers } = await get('/assets/index-abc123.js').expect(200);
		expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
		expect(headers['content-type']).toContain('javascript');
	});

	test('no script in a page, no frame around it', async () => {
		const { headers } = await get('/');
		const policy = headers['content-security-policy'];
		expect(policy).toContain("script-src 'self';");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(headers['x-content-type-options']).toBe('nosniff');
	});

	test('what is missing is missing', async () => {
		await get('/assets/gone.js').expect(404);
		const { body } = await get('/api/v1/nothing').expect(404);
		expect(body.error.code).toBe('no-such-route');
		await request(world.app).post('/files').expect(404);
		await request(world.app).put('/api/v1/folders').expect(405);
		await get('/../../etc/passwd')
			.expect(200)
			.expect(/<title>MyDropbox/);
	});
});

test('health, readiness, metrics', async () => {
	await get('/healthz').expect(200);
	await get('/readyz').expect(200);
	expect((await get('/metrics').expect(200)).text).toContain('mydropbox_http_request_duration_seconds');
});

test('discovery tells devices where to sign in, by the name they used', async () => {
	const { body } = await get('/.well-known/mydropbox').set({ host: 'box.example:8080' }).expect(200);
	expect(body).toEqual({
		service: 'mydropbox',
		protocol: 1,
		routeServer: 'http://box.example:8081',
		webServer: 'http://box.example:8080',
	});
});

test('the connect page gets the same addresses', async () => {
	const ada = await world.signIn('ada');
	const { body } = await get('/api/v1/connect')
		.set({ ...ada, host: 'box.example:8080' })
		.expect(200);
	expect(body).toEqual({ server: 'http://box.example:8080', routeServer: 'http://box.example:8081', username: 'ada' });
});

test('the OpenAPI document describes every endpoint with the schemas that validate', async () => {
	const { body } = await get('/api/v1/openapi.json').expect(200);
	expect(body.openapi).toMatch(/^3\.1/);
	const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => `${method} /api/v1${path}`),
	);
	expect(described.sort()).toEqual(API.map(({ method, path }) => `${method} ${path}`).sort());
	const list = body.paths['/files'].get;
	expect(list.security).toEqual([{ token: [] }]);
	expect(list.parameters.map(({ name }: { name: string }) => name)).toEqual(['path', 'offset', 'limit']);
	expect(body.paths['/users'].post.security).toBeUndefined();
	expect(body.paths['/users'].post.requestBody.content['application/json'].schema.required).toEqual([
		'username',
		'email',
		'password',
	]);
	expect(Object.keys(body.paths['/files'].post.requestBody.content)).toEqual(['multipart/form-data']);
	expect(body.components.schemas.Error.properties.error.properties.code.enum).toContain('quota-exceeded');
});
