import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../stage.ts';
import { readTree } from '../tree.ts';
import { SMALL, small } from './small.ts';
import type { Workload } from './workload.ts';

const RENAMED = 'renamed';

export const rename: Workload = {
	id: 'w4',
	title: 'the folder of w1 renamed',
	startsFrom: small,
	runs: 3,
	run: async (stage: Stage) => {
		const path = join(stage.folderA, SMALL);
		const present = readTree(path, RENAMED);
		const use = await stage.carry(() => {
			renameSync(path, join(stage.folderA, RENAMED));
			return { present, absent: [SMALL] };
		});
		stage.record({ value: use.seconds, unit: 's', use });
	},
};
