import { join } from 'node:path';
import { makeLargeFile, original } from '../data.ts';
import type { Stage } from '../stage.ts';
import type { Workload } from './workload.ts';

const NAME = 'film.bin';
const MEBIBYTES = 128;
const MEGABITS = 100;

export const slowLines: Workload = {
	id: 'w10',
	title: `one file of ${MEBIBYTES} MiB, with A and B on lines of ${MEGABITS} Mbit/s`,
	runs: 2,
	leavesLittle: true,
	// The floor knows no network.
	peers: ['mydropbox', 'rsync', 'unison', 'rclone', 'syncthing'],
	run: async (stage: Stage) => {
		const folder = original(stage.library, 'film', (path) => makeLargeFile(join(path, NAME), MEBIBYTES * 2 ** 20));
		const film = await stage.arrivalOf(join(folder, NAME), NAME);
		await stage.onSlowLines(MEGABITS, async () => {
			const use = await stage.measure(() => stage.deliver(film));
			stage.record({ value: use.seconds, unit: 's', use });
		});
		await stage.verify();
	},
};
