import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVICE = fileURLToPath(new URL('./support/service.ts', import.meta.url));

const children: ChildProcess[] = [];
const start = (...argv: string[]) => {
	const child = fork(SERVICE, argv, { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
	children.push(child);
	const output = { out: '', err: '' };
	child.stdout?.on('data', (text) => (output.out += text));
	child.stderr?.on('data', (text) => (output.err += text));
	const exit = once(child, 'exit').then(([code]) => code as number | null);
	const ready = once(child, 'message').then(([message]) => message as { type: string; name: string; port: number });
	return { child, output, exit, ready };
};
afterAll(() => {
	for (const child of children) child.kill('SIGKILL');
});

test('says when it is ready, and on SIGTERM finishes and exits with 0', async () => {
	const { child, exit, ready, output } = start('--port', '0');
	const { type, name, port } = await ready;
	expect([type, name]).toEqual(['ready', 'sample']);
	const poll = fetch(`http://127.0.0.1:${port}/wait`);
	await once(child, 'message');
	child.kill('SIGTERM');
	expect((await poll).status).toBe(204);
	expect(await exit).toBe(0);
	expect(output.out).toContain('closed the database');
});

test('the longest path there is fits in an address', async () => {
	const { port } = await start('--port', '0').ready;
	const path = `/${'\u6f22'.repeat(85)}`.repeat(200);
	const answer = await fetch(`http://127.0.0.1:${port}/nothing?path=${encodeURIComponent(path)}`);
	expect([answer.status, ((await answer.json()) as { error: object }).error]).toMatchObject([
		404,
		{ code: 'no-such-route' },
	]);
});

test('stops when its parent is gone', async () => {
	const { child, exit, ready } = start('--port', '0');
	await ready;
	child.disconnect();
	expect(await exit).toBe(0);
});

test.each([
	['its parent is gone', (child: ChildProcess) => child.disconnect()],
	['it is told to', (child: ChildProcess) => child.kill('SIGTERM')],
])('stops also while it is still starting, when %s', async (_when, end) => {
	process.env.SAMPLE_STARTS_FOREVER = 'yes';
	const { child, exit } = start('--port', '0');
	delete process.env.SAMPLE_STARTS_FOREVER;
	await once(child, 'message');
	end(child);
	expect(await exit).toBe(0);
});

test('a port in use ends the start with advice, after what was opened is closed', async () => {
	const { port } = await start('--port', '0').ready;
	const second = start('--port', String(port));
	second.ready.catch(() => {});
	expect(await second.exit).toBe(1);
	expect(second.output.err).toMatch(
		new RegExp(`sample cannot start\\. Port ${port} on 127\\.0\\.0\\.1 is in use .*--port`),
	);
	expect(second.output.out).toContain('closed the database');
});

test('a wrong command line is exit code 2', async () => {
	const { exit, ready, output } = start('--prot', '0');
	ready.catch(() => {});
	expect(await exit).toBe(2);
	expect(output.err).toMatch(/unknown option '--prot'/);
});
