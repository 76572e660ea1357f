import { dirname } from 'node:path';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import type { Known } from './change.ts';
import { compare, giveBack, keepName, takesName } from './kept.ts';

/** Whether it is that very thing, written to or not. */
export const isOne = ({ identity, target }: DiskEntry, known: Known): boolean =>
	identity === known.identity && target === known.target;

/**
 * @param rescueTo where it goes then; the first path that is free.
 * @returns whether it had been written to or was another one, and so was put where people see it.
 */
export function letGo(fs: Fs, keep: string, expected: Known, ...rescueTo: [string, ...string[]]): boolean {
	const found = isOne(fs.stat(keep)!, expected) ? compare(fs, keep, expected) : 'written';
	if (found === 'written' && !rescueTo.some((path) => takesName(fs, keep, path)))
		giveBack(fs, keep, dirname(rescueTo[0]));
	// Where it cannot be read now, a conflict may be about nothing: `recover` tries it again.
	else if (found === 'as-known') fs.unlink(keep);
	return found === 'written';
}

/**
 * Takes one of its two names away from a file. At the other it is safe, written to or not. Something else that came to
 * this name meanwhile keeps it; at the last moment, it is put where people see it. @returns whether that was so.
 */
export function giveUpName(fs: Fs, tempDir: string, path: string, file: Known, rescueTo: string): boolean {
	if (fs.stat(path)?.identity !== file.identity) return true;
	const keep = keepName(fs, tempDir, file);
	fs.rename(path, keep);
	const given = fs.stat(keep)!;
	// Somebody has taken the other name away meanwhile: what was written to the file is only here.
	if (given.identity !== file.identity || given.links === 1) return letGo(fs, keep, file, rescueTo);
	fs.unlink(keep);
	return false;
}
