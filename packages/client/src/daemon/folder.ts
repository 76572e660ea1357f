import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { DeviceId } from '@mydropbox/protocol';
import { z } from 'zod';
import { Home } from './home.ts';
import { UserError } from './user-error.ts';
import { writeDurably } from './write-durably.ts';

/** A directory in the synced folder that is MyDropbox's own and never synced. */
export const OWN_DIRECTORY = '.mydropbox';

/** Says whose folder it is. When it is gone, so is the folder that once was synced (a disk that is not mounted). */
const Marker = z.object({ device: DeviceId, home: z.string() });
export type Marker = z.infer<typeof Marker>;

const markerPath = (folder: string): string => join(folder, OWN_DIRECTORY, 'device.json');

/** undefined when there is none, or none that can be read. */
export function readMarker(folder: string): Marker | undefined {
	try {
		return Marker.parse(JSON.parse(readFileSync(markerPath(folder), 'utf8')));
	} catch {
		return undefined;
	}
}

export function markFolder(folder: string, marker: Marker): void {
	mkdirSync(join(folder, OWN_DIRECTORY), { recursive: true, mode: 0o700 });
	writeDurably(markerPath(folder), `${JSON.stringify(marker)}\n`);
}

/** What is in the folder stays. */
export function unmarkFolder(folder: string): void {
	rmSync(join(folder, OWN_DIRECTORY), { recursive: true, force: true });
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
