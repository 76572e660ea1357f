import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import { small } from './small.ts';
import type { Workload } from './workload.ts';

/** What a program does when the work is done, it has done by then. */
const REST_SECONDS = 15;
const IDLE_SECONDS = 60;

export const nothing: Workload = {
	id: 'w5',
	title: 'nothing has changed among 10,000 files',
	startsFrom: small,
	runs: 3,
	run: recheck,
};

/** A full rescan; and of what runs all the time, the processor time, and the memory, while nothing happens. */
export async function recheck(stage: Stage): Promise<void> {
	await stage.installation.quiet();
	const use = await stage.measure(() => stage.installation.recheck());
	stage.record({ what: 'full rescan', value: use.seconds, unit: 's', use });
	if (!stage.installation.isContinuous) return;
	await sleep(REST_SECONDS * 1000);
	const idle = await stage.measure(() => sleep(IDLE_SECONDS * 1000));
	const percent = (idle.cpuSeconds / idle.seconds) * 100;
	stage.record({ what: 'idle, processor of all machines', value: percent, unit: '%', use: idle });
}
