import { basename, dirname, join } from 'node:path';
import { contentStamp } from '../entry.ts';
import type { Fs } from '../port.ts';
import { isRacy } from '../quiet.ts';
import type { Known } from './change.ts';
import { readFiles } from './read.ts';
import { giveBack } from './recover.ts';

/** A name in the temporary folder that tells `recover` which version was there. */
export const keepName = (fs: Fs, tempDir: string, expected: Known): string =>
	join(tempDir, `keep-${contentStamp(expected)}-${fs.ownName()}`);

/** @returns whether it had been written to or was another one, and so was put where people see it. */
export function letGo(fs: Fs, keep: string, expected: Known, rescueTo: string): boolean {
	const written = !isAsKnown(fs, keep, expected);
	if (written) giveBack(fs, keep, dirname(rescueTo), basename(rescueTo));
	else fs.unlink(keep);
	return written;
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

/** What was written at the same time of the disk's clock, which may have been set back, is told by the content alone. */
function isAsKnown(fs: Fs, path: string, { identity, content, ...known }: Known): boolean {
	const now = fs.stat(path)!;
	if (now.identity !== identity || contentStamp(now) !== contentStamp(known)) return false;
	// Its ctime is of the moment in which it lost its other name, or of a later write.
	const looksTheSame = isRacy({ ctime: BigInt(now.mtime) }, Number(now.ctime / 1_000_000n));
	if (content === null || !looksTheSame) return true;
	const read = readFiles(fs, [path])[0]!;
	// Who cannot read it has nothing against what size and time say: a conflict would be about nothing.
	return 'error' in read || ('content' in read && read.content.hash === content);
}
