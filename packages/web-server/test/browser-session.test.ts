import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { account, createWorld, PASSWORD, type World } from './support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'mydropbox-session-'));
let world: World;
let cookie: string;

beforeAll(async () => {
	world = await createWorld(`sqlite:${join(directory, 'central.sqlite')}`);
	await request(world.app).post('/api/v1/users').send(account('ada')).expect(201);
	const answer = await request(world.app).post('/api/v1/session').send({ username: 'ada', password: PASSWORD });
	cookie = String(answer.headers['set-cookie']).split(';')[0]!;
});
afterAll(async () => {
	await world.close();
	rmSync(directory, { recursive: true });
});

const makeFolder = (path: string) => request(world.app).post('/api/v1/folders').send({ path });

describe('the cookie', () => {
	test('cannot be read by scripts and is not sent along from other sites', async () => {
		const answer = await request(world.app).post('/api/v1/session').send({ username: 'ada', password: PASSWORD });
		const set = String(answer.headers['set-cookie']);
		expect(set).toContain('HttpOnly');
		expect(set).toContain('SameSite=Lax');
		expect(set).toContain('Path=/');
		expect(set).not.toContain('Secure');
	});

	test('behind HTTPS is bound to the host', async () => {
		const https = { 'x-forwarded-proto': 'https' };
		const answer = await request(world.app)
			.post('/api/v1/session')
			.set(https)
			.send({ username: 'ada', password: PASSWORD });
		expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-mydropbox=.*; Secure/);
	});

	test('opens what the token opens, until it is signed out', async () => {
		const { body } = await request(world.app).post('/api/v1/session').send({ username: 'ada', password: PASSWORD });
		const own = `mydropbox-session=${body.token}`;
		const me = await request(world.app).get('/api/v1/me').set({ cookie: own }).expect(200);
		expect(String(me.headers['set-cookie'])).toContain(body.token);
		const left = await request(world.app).delete('/api/v1/session').set({ cookie: own }).expect(204);
		expect(String(left.headers['set-cookie'])).toContain('1970');
		await request(world.app).get('/api/v1/me').set({ cookie: own }).expect(401);
	});
});

describe('requests from other sites', () => {
	test.each([
		['cross-site', { 'sec-fetch-site': 'cross-site' }],
		['same-site', { 'sec-fetch-site': 'same-site' }],
		['an old browser', { origin: 'https://evil.example' }],
		['a page without an origin', { origin: 'null' }],
	])('%s: refused, and nothing done', async (name, headers) => {
		const refused = await makeFolder(`/from ${name}`)
			.set({ cookie, ...headers })
			.expect(403);
		expect(refused.body.error.code).toBe('csrf-refused');
		const { body } = await request(world.app).get('/api/v1/files').set({ cookie });
		expect(body.entries.map((entry: { name: string }) => entry.name)).not.toContain(`from ${name}`);
	});

	test('cannot sign somebody in or up', async () => {
		const site = { 'sec-fetch-site': 'cross-site' };
		await request(world.app)
			.post('/api/v1/session')
			.set(site)
			.send({ username: 'ada', password: PASSWORD })
			.expect(403);
		await request(world.app).post('/api/v1/users').set(site).send(account('victim')).expect(403);
	});

	test('the own site, and scripts, may', async () => {
		await makeFolder('/own').set({ cookie, 'sec-fetch-site': 'same-origin' }).expect(201);
		await makeFolder('/script').set({ cookie }).expect(201);
		await makeFolder('/old').set({ cookie, host: 'box.example', origin: 'http://box.example' }).expect(201);
		const authorization = `Bearer ${cookie.split('=')[1]}`;
		await makeFolder('/token').set({ authorization, 'sec-fetch-site': 'cross-site' }).expect(201);
	});
});
