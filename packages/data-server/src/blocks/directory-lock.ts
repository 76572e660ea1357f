import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from '@mydropbox/server-kit';

/** Beside the owners' folders, where it is the directory of the blocks. */
const OWN_FOLDER = '.server';

export interface DirectoryLock {
	/** Folder for the server's own small files. */
	readonly folder: string;
	release(): void;
}

/**
 * Makes the directory this process's own. The lock is the operating system's, taken through SQLite because Node
 * offers none: it ends with the process however that ends, and cannot be left behind.
 * @param setting by which the directory was chosen.
 * @throws StartupError when the directory cannot be written to, or another process has it.
 */
export async function lockDirectory(directory: string, setting: 'blocks' | 'state'): Promise<DirectoryLock> {
	const unwritable = (reason: string, cause: unknown) =>
		new StartupError(
			`The directory ${directory} cannot be written to (${reason}). Make it writable for this user, or choose another one with --${setting}.`,
			{ cause },
		);
	const folder = join(directory, OWN_FOLDER);
	let file: DatabaseSync;
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		file = new DatabaseSync(join(folder, 'lock'));
	} catch (error) {
		const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
		throw unwritable(reason, error);
	}
	try {
		file.exec('pragma busy_timeout = 0; begin exclusive');
	} catch (error) {
		file.close();
		if (!/locked|busy/i.test((error as Error).message)) throw unwritable((error as Error).message, error);
		throw new StartupError(
			`The directory ${directory} is in use by another data server. Stop that one first, or choose another directory with --${setting}.`,
			{ cause: error },
		);
	}
	return { folder, release: () => file.close() };
}
