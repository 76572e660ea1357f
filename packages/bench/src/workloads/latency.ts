import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Noise } from '../data.ts';
import { median, percentile } from '../report/statistics.ts';
import type { Measured } from '../results.ts';
import type { Stage } from '../stage.ts';
import { readEntry } from '../tree.ts';
import { small } from './small.ts';
import type { Workload } from './workload.ts';

const SAVES = 50;
/** Of tools that look through everything each time. */
const FEW_SAVES = 10;
const PAUSE_MS = 200;
const BYTES = 10 * 1024;

export const latency: Workload = {
	id: 'w6',
	title: `a file of 10 KiB saved beside those of w1; ${SAVES} times, ${FEW_SAVES} for tools that are run by hand`,
	startsFrom: small,
	runs: 1,
	run: async (stage: Stage) => measureLatency(stage, stage.installation.isContinuous ? SAVES : FEW_SAVES),
};

export async function measureLatency(stage: Stage, saves: number): Promise<void> {
	const seconds = await saveAgainAndAgain(stage, 'saved', saves);
	await stage.verify();
	stage.record(latencyOf(seconds));
}

/** The median, and the 95th percentile. */
export const latencyOf = (seconds: readonly number[]): Measured => ({
	value: median(seconds),
	p95: percentile(seconds, 0.95),
	unit: 's',
	samples: seconds.length,
});

/**
 * Saves new files one after the other, each when the one before has arrived and a moment has passed.
 * @returns what each took.
 */
export async function saveAgainAndAgain(stage: Stage, prefix: string, saves = SAVES): Promise<number[]> {
	const noise = new Noise(prefix);
	const seconds: number[] = [];
	for (let index = 0; index < saves; index++) {
		const name = `${prefix}-${index}.bin`;
		const bytes = noise.bytes(BYTES);
		await sleep(PAUSE_MS);
		const started = performance.now();
		await stage.deliver(() => {
			writeFileSync(join(stage.folderA, name), bytes);
			return { present: new Map([[name, readEntry(join(stage.folderA, name))]]), absent: [] };
		});
		seconds.push((performance.now() - started) / 1000);
	}
	return seconds;
}
