import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Noise } from '../data.ts';
import type { Stage } from '../stage.ts';
import { readEntry } from '../tree.ts';
import { LARGE, LARGE_BYTES, large } from './large.ts';
import type { Workload } from './workload.ts';

const AT = LARGE_BYTES / 2;
const OVERWRITTEN_BYTES = 4096;

export const overwrite: Workload = {
	id: 'w3b',
	title: '4 KiB overwritten in the middle of that file, in place',
	startsFrom: large,
	runs: 3,
	leavesLittle: true,
	run: async (stage: Stage) => {
		const path = join(stage.folderA, LARGE);
		const bytes = new Noise('overwritten').bytes(OVERWRITTEN_BYTES);
		const use = await stage.carry(() => {
			const file = openSync(path, 'r+');
			writeSync(file, bytes, 0, bytes.length, AT);
			closeSync(file);
			return { present: new Map([[LARGE, readEntry(path)]]), absent: [] };
		});
		stage.record({ value: use.seconds, unit: 's', use });
	},
};
