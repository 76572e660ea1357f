import { makeManyFiles, original } from '../data.ts';
import type { Stage } from '../stage.ts';
import { measureLatency } from './latency.ts';
import { recheck } from './nothing.ts';
import type { Workload } from './workload.ts';

const FILES_PER_FOLDER = 100;
const FILE_BYTES = 1024;
const PEERS = ['mydropbox', 'rsync', 'floor'];

/** Time and memory per file must not grow with their number. */
const scale = (id: string, files: number, onRequest = false): Workload => ({
	id,
	title: `${files.toLocaleString('en')} files of 1 KiB`,
	runs: 1,
	peers: PEERS,
	onRequest,
	run: async (stage: Stage) => {
		const many = { files, folders: Math.max(1, files / FILES_PER_FOLDER), size: [FILE_BYTES, FILE_BYTES] } as const;
		const folder = original(stage.library, id, (path) => makeManyFiles(path, many));
		const use = await stage.carry(await stage.arrivalOf(folder, id));
		stage.record({ value: use.seconds, unit: 's', use });
	},
});

export const thousand = scale('w8-1k', 1_000);
export const tenThousand = scale('w8-10k', 10_000);
export const hundredThousand = scale('w8-100k', 100_000);
export const million = scale('w8-1m', 1_000_000, true);

export const changeInMillion: Workload = {
	id: 'w8-1m-change',
	title: 'a file of 10 KiB saved beside a million others',
	startsFrom: million,
	runs: 1,
	peers: PEERS,
	onRequest: true,
	run: (stage: Stage) => measureLatency(stage, 10),
};

export const nothingAmongMany: Workload = {
	id: 'w5b',
	title: 'nothing has changed among 100,000 files',
	startsFrom: hundredThousand,
	runs: 1,
	peers: PEERS,
	run: async (stage: Stage) => {
		await recheck(stage);
		const restart = stage.installation.restart;
		if (!restart) return;
		const use = await stage.measure(restart);
		stage.record({ what: 'restart until up to date', value: use.seconds, unit: 's', use });
	},
};
