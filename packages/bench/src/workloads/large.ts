import { join } from 'node:path';
import { makeLargeFile, original } from '../data.ts';
import type { Stage } from '../stage.ts';
import type { Workload } from './workload.ts';

export const LARGE = 'large.bin';
export const LARGE_BYTES = 2 ** 30;

export const large: Workload = {
	id: 'w2',
	title: 'one file of 1 GiB, incompressible',
	runs: 3,
	leavesLittle: true,
	run: async (stage: Stage) => {
		const folder = original(stage.library, 'large', (path) => makeLargeFile(join(path, LARGE), LARGE_BYTES));
		const use = await stage.carry(await stage.arrivalOf(join(folder, LARGE), LARGE));
		stage.record({ value: use.seconds, unit: 's', use });
	},
};
