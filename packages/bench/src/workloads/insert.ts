import { createReadStream, createWriteStream, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Noise } from '../data.ts';
import type { Stage } from '../stage.ts';
import { readEntry } from '../tree.ts';
import { LARGE, LARGE_BYTES, large } from './large.ts';
import type { Workload } from './workload.ts';

const AT = LARGE_BYTES / 4;
const INSERTED_BYTES = 1024;

export const insert: Workload = {
	id: 'w3',
	title: '1 KiB inserted at a quarter of that file; saved the way editors do, by a rename',
	startsFrom: large,
	runs: 3,
	leavesLittle: true,
	run: async (stage: Stage) => {
		const path = join(stage.folderA, LARGE);
		const edited = join(stage.staging, 'edited.bin');
		const output = createWriteStream(edited);
		await pipeline(createReadStream(path, { end: AT - 1 }), output, { end: false });
		output.write(new Noise('inserted').bytes(INSERTED_BYTES));
		await pipeline(createReadStream(path, { start: AT }), output);
		const present = new Map([[LARGE, readEntry(edited)]]);
		const use = await stage.carry(() => {
			renameSync(edited, path);
			return { present, absent: [] };
		});
		stage.record({ value: use.seconds, unit: 's', use });
	},
};
