import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readMarker } from '../../daemon/folder.ts';
import { bytes, number } from '../format.ts';
import type { Check } from './finding.ts';

export const folder: Check = ({ config }) => {
	const what = 'Folder';
	const isThere = statSync(config.folder, { throwIfNoEntry: false })?.isDirectory();
	return isThere
		? { what, detail: config.folder }
		: {
				what,
				detail: `${config.folder} is not there`,
				nextStep: 'If it is on a disk that is not mounted, mount it. Nothing is deleted meanwhile.',
			};
};

export const marker: Check = ({ home, config }) => {
	const what = 'Marker';
	return readMarker(config.folder)?.home === home.dir
		? { what, detail: 'it is the folder of this device' }
		: {
				what,
				detail: 'the folder does not carry the mark of this device',
				nextStep:
					'Mount or move back the right one; or, if this is the right one: mydropbox logout, then mydropbox login.',
			};
};

export const permissions: Check = ({ config }) => {
	const what = 'Permissions';
	try {
		accessSync(config.folder, constants.R_OK | constants.W_OK | constants.X_OK);
		return { what, detail: 'the folder can be read and written' };
	} catch (error) {
		return {
			what,
			detail: (error as Error).message,
			nextStep: `Make ${config.folder} readable and writable for your user.`,
		};
	}
};

/** Below this, large files have no room for their new version beside the old one. */
const LOW_SPACE_BYTES = 1_000_000_000;

export const diskSpace: Check = ({ config }) => {
	const what = 'Disk space';
	try {
		const { bavail, bsize } = statfsSync(config.folder);
		const detail = `${bytes(bavail * bsize)} free`;
		return bavail * bsize < LOW_SPACE_BYTES ? { what, detail, nextStep: 'Make room on this disk.' } : { what, detail };
	} catch (error) {
		return { what, detail: (error as Error).message, nextStep: 'Make the folder reachable again.' };
	}
};

const WATCHES = '/proc/sys/fs/inotify/max_user_watches';
/** Other programs watch folders too. */
const SPARE = 2;

export const watchLimit: Check = async ({ config }) => {
	const what = 'Watch limit';
	if (process.platform !== 'linux') return { what, detail: 'this system has none' };
	const limit = Number(readFileSync(WATCHES, 'utf8'));
	const folders = await countFolders(config.folder);
	const detail = `${number(folders)} folders to watch, ${number(limit)} watches allowed`;
	if (folders * SPARE <= limit) return { what, detail };
	const enough = 2 ** Math.ceil(Math.log2(folders * SPARE * 2));
	return {
		what,
		detail,
		nextStep: `Run: sudo sysctl fs.inotify.max_user_watches=${enough} (and add that setting to /etc/sysctl.d/60-mydropbox.conf to keep it)`,
	};
};

async function countFolders(dir: string): Promise<number> {
	let count = 1;
	const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
	for (const entry of entries) if (entry.isDirectory()) count += await countFolders(join(dir, entry.name));
	return count;
}
