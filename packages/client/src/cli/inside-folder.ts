import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../daemon/user-error.ts';

/**
 * What a person means by a path: one from the folder down, with slashes. In the folder, it counts from where the person
 * is; elsewhere, from the folder. It need not be there.
 */
export function insideFolder(path: string, folder: string, cwd: string): string {
	const from = isIn(cwd, folder) ? cwd : folder;
	const way = relative(folder, withRealParents(isAbsolute(path) ? path : resolve(from, path)));
	if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
		throw new UserError(`${path} is not in ${folder}.`, 'Only what is in the folder can be excluded and included.');
	}
	return way.split(sep).join('/');
}

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/** The last name may be a link in the folder, which stands for itself. */
const withRealParents = (path: string): string => join(realPath(dirname(path)), basename(path));

function realPath(path: string): string {
	if (path === dirname(path) || existsSync(path)) return realpathSync(path);
	return join(realPath(dirname(path)), basename(path));
}
