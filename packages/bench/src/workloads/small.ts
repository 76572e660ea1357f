import { makeManyFiles, original } from '../data.ts';
import type { Stage } from '../stage.ts';
import type { Workload } from './workload.ts';

export const SMALL = 'small';
const MANY = { files: 10_000, folders: 200, size: [1024, 16 * 1024] } as const;

export const small: Workload = {
	id: 'w1',
	title: '10,000 files of 1–16 KiB in 200 folders',
	runs: 3,
	run: async (stage: Stage) => {
		const folder = original(stage.library, SMALL, (path) => makeManyFiles(path, MANY));
		const use = await stage.carry(await stage.arrivalOf(folder, SMALL));
		stage.record({ value: use.seconds, unit: 's', use });
	},
};
