import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';

/** What is true of a file at one moment. */
export interface Moment {
	/** The same before and after it was read. */
	readonly entry: DiskEntry;
	/** When its reading began, in milliseconds since 1970: whoever hears of it late must not take that for quiet. */
	readonly readAt: number;
}

export type Unread =
	/** Gone, replaced, or written while it was read: look again. */
	{ readonly changed: true } | { readonly error: string };

/**
 * Reads a file as it is at one moment: stat, read, stat.
 * @param read what it returns; undefined: the file is not as long as its entry says.
 */
export function ofOneMoment<T extends object>(
	fs: Fs,
	path: string,
	read: (file: number, before: DiskEntry) => T | undefined,
): (Moment & T) | Unread {
	try {
		const before = fs.stat(path);
		if (before?.kind !== 'file') return { changed: true };
		const readAt = fs.now();
		const file = fs.openRead(path);
		let result: T | undefined;
		try {
			result = read(file, before);
		} finally {
			fs.close(file);
		}
		const after = fs.stat(path);
		if (!result || after?.identity !== before.identity || after.stamp !== before.stamp) return { changed: true };
		return { entry: after, readAt, ...result };
	} catch (error) {
		return isGone(error) ? { changed: true } : { error: errorCode(error) };
	}
}

/** There is no file of that name any more. */
export const isGone = (error: unknown): boolean => ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorCode(error));

/** @returns false when the file ends before. */
export function readWhole(fs: Fs, file: number, bytes: Uint8Array, start: number): boolean {
	for (let done = 0; done < bytes.length; ) {
		const count = fs.read(file, bytes.subarray(done), start + done);
		if (count === 0) return false;
		done += count;
	}
	return true;
}
