import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment, Task } from '../crowd/main.ts';
import type { Stage } from '../stage.ts';
import { latencyOf, saveAgainAndAgain } from './latency.ts';
import type { Workload } from './workload.ts';

const PROGRAM = join(import.meta.dirname, '../crowd/main.ts');
const DATA_SERVER = 'data-server/src/main.ts';
const [USERS, DEVICES_EACH, EVERY_MS] = [20, 5, 5000];
const POLLS = 10_000;
/** Longer than a poll waits, so that each has begun anew at least once. */
const IDLE_SECONDS = 60;
const ONE_FILE = 'one file of 10 KiB, A to B';

export const crowd: Workload = {
	id: 'w9',
	title: `${USERS * DEVICES_EACH} devices of ${USERS} users at work, each with a small change every ${EVERY_MS / 1000} s; A and B are real, the others speak the protocol`,
	runs: 1,
	peers: ['mydropbox'],
	run: (stage: Stage) =>
		amongOthers(stage, 'busy', DEVICES_EACH - 2, { kind: 'work', everyMs: EVERY_MS }, async (begin) => {
			let seconds: number[] = [];
			const use = await stage.measure(async () => {
				await begin();
				seconds = await saveAgainAndAgain(stage, 'in-the-crowd');
			});
			stage.record({ what: ONE_FILE, ...latencyOf(seconds), use });
		}),
};

export const polls: Workload = {
	id: 'w9b',
	title: `${POLLS.toLocaleString('en')} long polls wait, of ${(USERS - 1) * DEVICES_EACH} devices of ${USERS - 1} other users; after that one change for each user reaches all of them`,
	runs: 1,
	peers: ['mydropbox'],
	run: (stage: Stage) =>
		amongOthers(stage, 'waiting', 0, { kind: 'polls', polls: POLLS }, async (begin) => {
			const before = stage.serverBytes(DATA_SERVER);
			await begin();
			const idle = await stage.measure(() => sleep(IDLE_SECONDS * 1000));
			const each = (stage.serverBytes(DATA_SERVER) - before) / POLLS / 1024;
			let seconds: number[] = [];
			const use = await stage.measure(async () => {
				seconds = await saveAgainAndAgain(stage, 'among-polls');
			});
			stage.record({ what: 'memory of the data server, each', value: each, unit: 'KiB', use: idle });
			stage.record({ what: ONE_FILE, ...latencyOf(seconds), use });
		}),
};

/**
 * Users sign up and their devices sign in, on A's machine, in a process of their own; they begin when `act` says so, and
 * go on until it has ended. @throws Error when not all went well with them.
 */
async function amongOthers(
	stage: Stage,
	prefix: string,
	known: number,
	task: Task,
	act: (begin: () => Promise<void>) => Promise<void>,
): Promise<void> {
	const { joining } = stage.installation;
	if (!joining) throw new Error('Nobody can join this one.');
	const { site, ...account } = joining;
	const accounts = {
		site,
		prefix,
		newUsers: USERS - 1,
		devicesEach: DEVICES_EACH,
		known: { ...account, devices: known },
	};
	const assignment: Assignment = { accounts, task };
	const program = stage.crowded.start(process.execPath, [PROGRAM, JSON.stringify(assignment)]);
	try {
		await program.says(/^signed in$/m);
		await act(async () => {
			program.tell('SIGUSR2');
			await program.says(/^under way$/m);
		});
	} finally {
		await program.stop();
	}
	if ((await program.ended) !== 0) throw new Error(`The others failed:\n${program.said}`);
	stage.tell(`the others: ${program.said.trim().split('\n').at(-1)}`);
	await stage.verify();
}
