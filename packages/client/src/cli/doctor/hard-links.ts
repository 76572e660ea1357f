import { join } from 'node:path';
import { ok, problem } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';
import { probing, touch } from './probing.ts';

/** New files get their name by a hard link, which never replaces what is there. */
export const hardLinks: Check<SignedIn> = ({ config: { folder }, outside: { fs } }) =>
	probing(fs, folder, (dir) => {
		touch(fs, join(dir, 'one'));
		try {
			fs.link(join(dir, 'one'), join(dir, 'two'));
			return ok('the disk has them');
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			return problem(
				`the disk does not allow them (${code})`,
				'Nothing that others make or change can be put into the folder: MyDropbox needs hard links to never overwrite what a program has just saved.',
				'Put the folder on a disk with another file system, such as ext4, XFS, btrfs, APFS or NTFS.',
			);
		}
	});
