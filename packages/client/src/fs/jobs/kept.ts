import { basename, join } from 'node:path';
import type { ContentHash, Mtime } from '@mydropbox/protocol';
import { contentStamp } from '../entry.ts';
import type { Fs } from '../port.ts';
import { isRacy } from '../quiet.ts';
import type { Known } from './change.ts';
import { errorCode } from './list.ts';
import { readFiles } from './read.ts';

/** What tells a version from one that a program has written since. */
type KeptVersion = Pick<Known, 'size' | 'mtime' | 'content'>;

const KEPT = /^keep-(?<own>(?<size>\d+)-(?<mtime>-?\d+)-\d+\.\d+\.\d+)(?:-(?<content>\w+))?$/;

/** A name in the temporary folder for a version that is being replaced. It says after a crash which version that was. */
export const keepName = (fs: Fs, tempDir: string, { content, ...known }: Known): string =>
	join(tempDir, `keep-${contentStamp(known)}-${fs.ownName()}${content === null ? '' : `-${content}`}`);

/** @returns undefined for other names than those of `keepName`. */
export function keptVersion(name: string): KeptVersion | undefined {
	const { size, mtime, content = null } = KEPT.exec(name)?.groups ?? {};
	if (size === undefined) return undefined;
	return { size: Number(size), mtime: mtime as Mtime, content: content as ContentHash | null };
}

/** What was written at the same time of the disk's clock, which may have been set back, is told by the content alone. */
export function compare(
	fs: Fs,
	kept: string,
	{ content, ...known }: KeptVersion,
): 'as-known' | 'written' | 'unreadable' {
	const now = fs.stat(kept)!;
	if (contentStamp(now) !== contentStamp(known)) return 'written';
	// Its ctime is of the moment in which it lost its other name, or of a later write.
	const couldLookTheSame = isRacy({ ctime: BigInt(now.mtime) }, Number(now.ctime / 1_000_000n));
	if (content === null || !couldLookTheSame) return 'as-known';
	const read = readFiles(fs, [kept])[0]!;
	if ('error' in read) return 'unreadable';
	return 'content' in read && read.content.hash === content ? 'as-known' : 'written';
}

/**
 * Brings something that was kept to where people see it: a version, or a folder that came to its place just before.
 * @returns the name that it has now.
 */
export function giveBack(fs: Fs, kept: string, folder: string): string {
	for (let number = 1; ; number++) {
		const name = recoveredName(kept, number);
		if (takesName(fs, kept, join(folder, name))) return name;
	}
}

/** @returns false when it is taken. */
export function takesName(fs: Fs, kept: string, to: string): boolean {
	if (fs.stat(kept)?.kind === 'folder') {
		if (fs.stat(to)) return false;
		fs.rename(kept, to);
		return true;
	}
	try {
		fs.link(kept, to);
	} catch (error) {
		if (errorCode(error) === 'EEXIST') return false;
		throw error;
	}
	fs.unlink(kept);
	return true;
}

function recoveredName(kept: string, number: number): string {
	const name = `recovered ${KEPT.exec(basename(kept))!.groups!.own}`;
	return number === 1 ? name : `${name} ${number}`;
}
