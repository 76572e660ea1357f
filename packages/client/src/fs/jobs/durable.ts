import type { Fs } from '../port.ts';

/** From here on, syncing everything is faster than one after the other. */
const MANY = 8;

/**
 * Makes the bytes of temporary files durable; links among them have none.
 * @returns those that could not be, each with the disk's error.
 */
export async function makeDurable(
	fs: Fs,
	tempDir: string,
	temps: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
	const failed = new Map<string, unknown>();
	if (temps.length >= MANY && (await syncsAll(fs, tempDir))) return failed;
	for (const temp of temps) {
		try {
			if (fs.stat(temp)?.kind === 'file') syncFile(fs, temp);
		} catch (error) {
			failed.set(temp, error);
		}
	}
	return failed;
}

/** What was named, renamed and deleted in the folders; one that is gone by now needs nothing. */
export async function makeNamesDurable(fs: Fs, tempDir: string, folders: ReadonlySet<string>): Promise<void> {
	if (folders.size >= MANY && (await syncsAll(fs, tempDir))) return;
	for (const folder of folders) {
		try {
			fs.syncFolder(folder);
		} catch {
			// What it had to say is on the disk or lost; the next start of the daemon sees which.
		}
	}
}

function syncFile(fs: Fs, path: string): void {
	const file = fs.openWrite(path);
	try {
		fs.syncFile(file);
	} finally {
		fs.close(file);
	}
}

/** @returns whether the whole disk was synced; where that fails, each file says for itself what is wrong with it. */
export async function syncsAll(fs: Fs, tempDir: string): Promise<boolean> {
	try {
		await fs.syncAll(tempDir);
		return true;
	} catch {
		return false;
	}
}
