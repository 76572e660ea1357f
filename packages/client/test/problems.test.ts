import type { NodeId } from '@mydropbox/protocol';
import { Problems } from '../src/control/problems.ts';

const id = 'n' as NodeId;
const problem = { path: 'a', reason: 'r', nextStep: 'n' };
let now = 0;
let problems: Problems;
beforeEach(() => {
	now = 1000;
	problems = new Problems({
		now: () => now,
		monotonic: () => now,
		machineStart: () => 0,
		sleep: async () => undefined,
	});
});

describe('problems', () => {
	test('waits twice as long after each failure, up to a minute', () => {
		const waits = Array.from({ length: 10 }, () => {
			problems.failed(id, problem);
			return problems.nextRetry();
		});
		expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
		expect(problems.blocked()).toEqual(new Set([id]));
		now += 60_000;
		problems.beginRound();
		expect(problems.blocked()).toEqual(new Set());
		expect(problems.list()).toEqual([problem]);
	});

	test('what is due while a round goes on was left alone by it, and the next one follows at once', () => {
		problems.outrun(id, 'a');
		problems.beginRound();
		now += 300;
		expect([problems.blocked(), problems.nextRetry()]).toEqual([new Set([id]), 0]);
		problems.beginRound();
		expect([problems.blocked(), problems.nextRetry()]).toEqual([new Set(), undefined]);
	});

	test('looks at folders again, in case they were mended', () => {
		const folder = 'f' as NodeId;
		problems.inFolder(folder, [problem]);
		expect(problems.takeDueFolders()).toEqual([]);
		expect(problems.nextRetry()).toBe(250);
		now += 250;
		expect(problems.takeDueFolders()).toEqual([folder]);
		expect(problems.takeDueFolders()).toEqual([]);
		for (let look = 0; look < 20; look++) problems.inFolder(folder, [problem]);
		expect(problems.nextRetry()).toBe(60_000);
		problems.retryNow();
		expect(problems.takeDueFolders()).toEqual([folder]);
		problems.inFolder(folder, []);
		expect([problems.nextRetry(), problems.list()]).toEqual([undefined, []]);
	});

	test('tells what is written to all the time until that has ended for a while, and holds nothing up for it', () => {
		problems.busy(id, 'log');
		now += 9000;
		problems.busy(id, 'log');
		now += 9999;
		expect(problems.list()).toMatchObject([{ path: 'log', nextStep: expect.stringContaining('.mydropboxignore') }]);
		expect([problems.isBusy, problems.isProblem(id), problems.blocked().size, problems.nextRetry()]).toEqual([
			true,
			false,
			0,
			1,
		]);
		now += 1;
		expect([problems.isBusy, problems.list(), problems.nextRetry()]).toEqual([false, [], undefined]);
		problems.busy(id, 'log');
		problems.calm(id);
		expect([problems.isBusy, problems.list()]).toEqual([false, []]);
	});

	test('tells of what is outrun only when that goes on', () => {
		const told = Array.from({ length: 7 }, () => {
			problems.outrun(id, 'a');
			return problems.isProblem(id);
		});
		expect(told).toEqual([false, false, false, false, false, true, true]);
		problems.succeeded(id);
		expect(problems.list()).toEqual([]);
	});

	test('forgets what is in order, and folders that are gone', () => {
		problems.failed(id, problem);
		problems.inFolder('f' as NodeId, [{ ...problem, path: 'f/x' }]);
		problems.keepOnly(
			() => true,
			() => true,
		);
		expect(problems.list()).toHaveLength(2);
		problems.keepOnly(
			() => false,
			() => false,
		);
		expect(problems.list()).toEqual([]);
	});
});
