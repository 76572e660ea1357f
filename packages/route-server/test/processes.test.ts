import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeEachEngine, type MariaDb, startMariaDb } from '@mydropbox/testkit';
import { CLUSTER_SECRET, heartbeatOf, QUOTA } from './support.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const children: ChildProcess[] = [];
const start = async (url: string): Promise<string> => {
	const env = {
		...process.env,
		MYDROPBOX_CLUSTER_SECRET: CLUSTER_SECRET,
		MYDROPBOX_DATABASE: url,
		MYDROPBOX_QUOTA: String(QUOTA),
		MYDROPBOX_LOG_LEVEL: 'silent',
	};
	const child = fork(MAIN, ['--port', '0'], { env, execArgv: [] });
	children.push(child);
	const [{ port }] = (await once(child, 'message')) as [{ port: number }];
	return `http://127.0.0.1:${port}`;
};
afterAll(() => {
	for (const child of children) child.kill('SIGKILL');
});

const post = (url: string, body: unknown) =>
	fetch(url, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${CLUSTER_SECRET}` },
		body: JSON.stringify(body),
	});
const signUp = async (origin: string, name: string) => {
	const answer = await post(`${origin}/v1/users`, { username: name, email: `${name}@x.org`, password: 'long enough' });
	return answer.ok ? 'created' : (await answer.json()).error.code;
};

describeEachEngine('two route-servers on one database', (engine) => {
	test('fifty sign-ups at once, spread over both, fill the data servers exactly', async () => {
		const url = engine.freshUrl();
		const origins = await Promise.all([start(url), start(url)]);
		await post(`${origins[0]}/v1/data-servers/heartbeat`, heartbeatOf('one', 7));
		await post(`${origins[1]}/v1/data-servers/heartbeat`, heartbeatOf('two', 6));
		const codes = await Promise.all(Array.from({ length: 50 }, (_, n) => signUp(origins[n % 2]!, `user${n}`)));
		expect(codes.filter((code) => code === 'created')).toHaveLength(13);
		expect(codes.filter((code) => code === 'no-capacity')).toHaveLength(37);
	}, 60_000);
});

describe('when MySQL goes away', () => {
	let mariaDb: MariaDb;
	beforeAll(async () => {
		mariaDb = await startMariaDb();
	}, 60_000);
	afterAll(() => mariaDb.stop());

	test('requests are told to come back, and work again once it is there; nothing that was answered is lost', async () => {
		const origin = await start(mariaDb.url('central'));
		await post(`${origin}/v1/data-servers/heartbeat`, heartbeatOf('one', 5));
		expect(await signUp(origin, 'ann')).toBe('created');
		await mariaDb.kill();
		const during = await post(`${origin}/v1/users`, { username: 'bob', email: 'b@x.org', password: 'long enough' });
		expect([during.status, (await during.json()).error.code]).toEqual([503, 'not-ready']);
		expect((await fetch(`${origin}/readyz`)).status).toBe(503);
		expect((await fetch(`${origin}/healthz`)).status).toBe(200);
		await mariaDb.restart();
		await post(`${origin}/v1/data-servers/heartbeat`, heartbeatOf('one', 5));
		expect(await signUp(origin, 'ann')).toBe('username-taken');
		expect(await signUp(origin, 'bob')).toBe('created');
	}, 60_000);
});
