import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a lock that the operating system frees when the process ends, however it ends: no file has to be cleaned up
 * and no process id guessed at. SQLite brings such a lock for every platform.
 * Blocks for a moment, as one that only asks `isLocked` has it just so long.
 * @returns what frees it, or undefined while another process, or another holder in this one, has it.
 */
export const takeLock = (path: string): (() => void) | undefined => take(path, MOMENT_MS);

const MOMENT_MS = 500;

function take(path: string, timeout: number): (() => void) | undefined {
	const database = new DatabaseSync(path, { timeout });
	try {
		database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
		if (process.platform !== 'win32') chmodSync(path, 0o600);
	} catch (error) {
		database.close();
		if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
		throw error;
	}
	return () => database.close();
}

const SQLITE_BUSY = 5;

export function isLocked(path: string): boolean {
	const free = take(path, 0);
	free?.();
	return free === undefined;
}
