import type { DiskEntry } from '../entry.ts';
import type { Fs, Unreachable } from '../port.ts';

/** A folder as the disk shows it, or the error code that kept us from looking. */
export type Listing =
	| {
			/** Of the folder itself. */
			readonly identity: string;
			readonly entries: readonly DiskEntry[];
			readonly unreachable: readonly Unreachable[];
			readonly error?: undefined;
	  }
	| { readonly error: string };

export function listFolders(fs: Fs, paths: readonly string[]): Listing[] {
	return paths.map((path) => {
		try {
			const folder = fs.stat(path);
			if (!folder) return { error: 'ENOENT' };
			const list = fs.list(path);
			// A folder that was moved away while it was read looks as if it had been emptied.
			return fs.stat(path)?.identity === folder.identity ? { identity: folder.identity, ...list } : { error: 'ENOENT' };
		} catch (error) {
			return { error: errorCode(error) };
		}
	});
}

export function statPaths(fs: Fs, paths: readonly string[]): (DiskEntry | null)[] {
	return paths.map((path) => {
		try {
			return fs.stat(path) ?? null;
		} catch {
			return null;
		}
	});
}

export const errorCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
