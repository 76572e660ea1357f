import { join } from 'node:path';
import type { Fs } from '../../fs/port.ts';
import { PRIVATE_FOLDER } from '../../scan/private-folder.ts';

/** Gives `use` an empty folder on the disk of the synced one, out of the sync's sight, and leaves no trace of it. */
export function probing<T>(fs: Fs, folder: string, use: (dir: string) => T): T {
	const own = join(folder, PRIVATE_FOLDER);
	const dir = join(own, 'tmp', `doctor-${fs.ownName()}`);
	const made = [own, join(own, 'tmp'), dir].filter((path) => {
		if (fs.stat(path)) return false;
		fs.makeFolder(path);
		return true;
	});
	try {
		return use(dir);
	} finally {
		for (const { name } of fs.list(dir).entries) fs.unlink(join(dir, name));
		for (const path of made.reverse()) fs.removeFolder(path);
	}
}

export const touch = (fs: Fs, path: string): void => fs.close(fs.openWrite(path));
