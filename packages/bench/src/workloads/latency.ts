import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Noise } from '../data.ts';
import { median, percentile } from '../report/statistics.ts';
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

/** Saves new files one after the other, each when the one before has arrived and a moment has passed. */
export async function measureLatency(stage: Stage, saves: number, what?: string): Promise<void> {
	const noise = new Noise('latency');
	const seconds: number[] = [];
	for (let index = 0; index < saves; index++) {
		const name = `saved-${index}.bin`;
		const bytes = noise.bytes(BYTES);
		await sleep(PAUSE_MS);
		const started = performance.now();
		await stage.deliver(() => {
			writeFileSync(join(stage.folderA, name), bytes);
			return { present: new Map([[name, readEntry(join(stage.folderA, name))]]), absent: [] };
		});
		seconds.push((performance.now() - started) / 1000);
	}
	await stage.verify();
	const [value, p95] = [median(seconds), percentile(seconds, 0.95)];
	stage.record({ ...(what !== undefined && { what }), value, p95, unit: 's', samples: saves });
}
