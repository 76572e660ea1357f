import { join } from 'node:path';
import { type Finding, ok, problem } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';
import { probing, touch } from './probing.ts';

/** There, and can be listed, written to and gone through by us; found out by doing it. */
export const folder: Check<SignedIn> = ({ config: { folder }, outside: { fs } }) => {
	let isThere: boolean;
	try {
		isThere = fs.stat(folder)?.kind === 'folder';
		if (isThere) fs.list(folder);
	} catch (error) {
		return refused('read', folder, error);
	}
	if (!isThere) {
		return problem(
			`${folder} is not there`,
			'Nothing is synced, and nothing is deleted anywhere, until it is back.',
			'If its disk is not mounted, mount it; if it was moved, move it back.',
		);
	}
	try {
		return probing(fs, folder, (dir) => {
			touch(fs, join(dir, 'file'));
			return ok(`${folder} can be read and written`);
		});
	} catch (error) {
		return refused('written to', folder, error);
	}
};

const WHY: Record<string, string> = {
	EACCES: 'permission denied',
	EPERM: 'operation not permitted',
	EROFS: 'its disk is mounted read-only',
	ENOSPC: 'its disk is full',
	EDQUOT: 'your quota on its disk is used up',
	EIO: 'its disk reports an error',
};
const MEND: Record<string, string> = {
	EROFS: 'Mount the disk writable.',
	ENOSPC: 'Make room on the disk.',
	EDQUOT: 'Make room on the disk.',
	EIO: 'Check the disk; save what is on it first.',
};

function refused(what: 'read' | 'written to', folder: string, error: unknown): Finding {
	const { code = '', message } = error as NodeJS.ErrnoException;
	return problem(
		`${folder} cannot be ${what} (${WHY[code] ?? message})`,
		what === 'read'
			? 'Nothing is synced, and nothing is deleted anywhere.'
			: 'What others change does not get here, and what is changed here may not be found.',
		MEND[code] ??
			`As its owner: chmod u+rwx '${folder}'; if it belongs to somebody else: sudo chown "$(id -un)" '${folder}'`,
	);
}
