import { existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { DeviceId } from '@mydropbox/protocol';
import { z } from 'zod';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import { Home } from './home.ts';
import { UserError } from './user-error.ts';
import { writeDurably } from './write-durably.ts';

/** Says which device of this machine syncs the folder. Whose account's it is, the sync engine writes beside it. */
const Marker = z.object({ device: DeviceId, home: z.string() });
export type Marker = z.infer<typeof Marker>;

const markerPath = (folder: string): string => join(folder, PRIVATE_FOLDER, 'device.json');

/** undefined when there is none, or none that can be read. */
export function readMarker(folder: string): Marker | undefined {
	try {
		return Marker.parse(JSON.parse(readFileSync(markerPath(folder), 'utf8')));
	} catch {
		return undefined;
	}
}

export function markFolder(folder: string, marker: Marker): void {
	mkdirSync(join(folder, PRIVATE_FOLDER), { recursive: true, mode: 0o700 });
	writeDurably(markerPath(folder), `${JSON.stringify(marker)}\n`);
}

/**
 * Removes the marks: this one and the sync engine's. What is in the folder stays, and so do files in our directory:
 * after a crash they may be versions of somebody's files on their way back, which the next daemon puts in place.
 */
export function unmarkFolder(folder: string): void {
	const own = join(folder, PRIVATE_FOLDER);
	for (const mark of ['marker.json', 'device.json']) rmSync(join(own, mark), { force: true });
	for (const dir of [join(own, 'tmp'), own]) {
		try {
			rmdirSync(dir);
		} catch {}
	}
}

/**
 * The folder's absolute path without symbolic links, checked to be one that this home may sync. Nothing is made yet.
 */
export function chooseFolder(path: string, home: Home): string {
	const folder = realPath(resolve(path));
	const homeDir = realPath(home.dir);
	if (existsSync(folder) && !statSync(folder).isDirectory()) {
		throw new UserError(`${folder} is not a folder.`, ANOTHER);
	}
	const isUsualPlace = folder === join(homeDir, basename(home.defaultFolder)) && !home.isDefault;
	if (isInside(homeDir, folder) || (isInside(folder, homeDir) && !isUsualPlace)) {
		throw new UserError(
			`${folder} and ${homeDir}, where this device keeps its own state, must not be inside each other.`,
			ANOTHER,
		);
	}
	for (let at = folder; ; at = dirname(at)) {
		const marker = readMarker(at);
		if (marker && realPath(marker.home) !== homeDir && existsSync(new Home(marker.home).config)) {
			const where = at === folder ? `${folder} is` : `${folder} is inside ${at}, which is`;
			throw new UserError(`${where} synced by another device on this machine (${marker.home}).`, ANOTHER);
		}
		if (at === dirname(at)) return folder;
	}
}

const ANOTHER = 'Choose another with --folder DIR.';

export function createFolder(folder: string): void {
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		throw new UserError(`${folder} cannot be created: ${(error as Error).message}`, ANOTHER, { cause: error });
	}
}

const isInside = (path: string, folder: string): boolean => {
	const way = relative(folder, path);
	return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path);
};

/** Also for what does not exist yet: the part that does is resolved. */
function realPath(path: string): string {
	if (path === dirname(path) || existsSync(path)) return realpathSync(path);
	return join(realPath(dirname(path)), basename(path));
}
