import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { original } from '../data.ts';
import type { Stage } from '../stage.ts';
import type { Workload } from './workload.ts';

/** Real trees of a machine that has built this clone: sources, declarations, scripts, small binaries, links. */
const SOURCES = [resolve(import.meta.dirname, '../../../../node_modules'), '/usr/include', '/usr/share', '/usr/lib'];
const FILES = 50_000;
const BYTES = 600_000_000;
/** Nobody keeps larger ones among sources. */
const LARGEST = 20_000_000;
const NAME = 'tree';

export const sourceTree: Workload = {
	id: 'w7',
	title: 'a real source tree: 50,000 files, at most 600 MB, with exec bits and links',
	runs: 1,
	run: async (stage: Stage) => {
		const folder = original(stage.library, NAME, collect);
		const use = await stage.carry(await stage.arrivalOf(folder, NAME));
		stage.record({ value: use.seconds, unit: 's', use });
	},
};

/** Copies from the sources until there are enough files or bytes. */
function collect(folder: string): void {
	let [files, bytes] = [0, 0];
	const copy = (from: string, to: string): void => {
		if (files >= FILES) return;
		const stats = lstatSync(from);
		if (stats.isDirectory()) {
			mkdirSync(to);
			for (const name of readdirSync(from)) copy(join(from, name), join(to, name));
		} else if (stats.isSymbolicLink()) {
			symlinkSync(readlinkSync(from), to);
		} else if (stats.isFile() && stats.size <= LARGEST && bytes + stats.size <= BYTES) {
			copyFileSync(from, to);
			chmodSync(to, (stats.mode & 0o755) | 0o600);
			files++;
			bytes += stats.size;
		}
	};
	for (const source of SOURCES) copy(source, join(folder, basename(source)));
}
