import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'mydropbox-maintain-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As an administrator calls it. */
const maintain = (...args: string[]) =>
	new Promise<{ code: number | null; said: string }>((resolve) => {
		const program = new URL('../src/maintain.ts', import.meta.url).pathname;
		const store = ['--database', `sqlite:${join(dir, 'database.sqlite')}`, '--blocks', join(dir, 'blocks')];
		const child = execFile(process.execPath, [program, ...store, ...args], (_error, stdout, stderr) =>
			resolve({ code: child.exitCode, said: stdout + stderr }),
		);
	});

describe('maintenance of a data server', () => {
	test.each([['rebuild-index'], ['scrub'], ['new-epoch'], ['gc', '--history-days', 'forever', '--dry-run', 'yes']])(
		'does %s',
		async (...task) => {
			const { code, said } = await maintain('--task', ...task);
			expect([code, JSON.parse(said)]).toEqual([0, expect.objectContaining({ task: task[0], msg: 'done' })]);
		},
	);

	test('forgets nothing until it is told how much of the past the server keeps', async () => {
		const { code, said } = await maintain('--task', 'gc');
		expect([code, said]).toEqual([2, expect.stringContaining('--history-days is missing')]);
	});

	test('says what it does not know', async () => {
		const { code, said } = await maintain('--task', 'tidy');
		expect([code, said]).toEqual([2, expect.stringContaining('--task')]);
	});
});
