import { LIMITS, type Name, nameKey } from '@mydropbox/protocol';
import type { Fs } from '../fs/port.ts';

/** What a disk does to names. */
export interface DiskTraits {
	/** `a` and `A` are one name. */
	readonly caseInsensitive: boolean;
	/** An accented letter and the letter with its accent beside it are one name, whichever of them is listed. */
	readonly normalising: boolean;
	/** Windows' rules: no `<>:"\|?*` and no control characters, no dot or space at the end, no device names. */
	readonly windowsNames: boolean;
	/** Bytes of UTF-8 in a name. Disks that count UTF-16 units hold at least as much. */
	readonly nameBytes: number;
}

/** A disk that takes any name. */
export const ANY_NAME: DiskTraits = {
	caseInsensitive: false,
	normalising: false,
	windowsNames: false,
	nameBytes: LIMITS.nameBytes,
};

/**
 * Equal for spellings that are one on this disk. Disks fold case differently; this folds at least as much as they do:
 * one that finds two names equal that are not gives an alias that was not necessary, nothing worse.
 */
export function spellingKey(spelling: string, { caseInsensitive, normalising }: DiskTraits): string {
	if (!caseInsensitive) return normalising ? spelling.normalize('NFC') : spelling;
	return nameKey(spelling.normalize('NFC').replace(/\p{Default_Ignorable_Code_Point}/gu, '') as Name);
}

/**
 * Tries it out.
 * @param dir a folder of our own; what a crash leaves in it is tidied away by `recover`.
 * @throws what the disk says when it cannot be tried: full, read-only, broken.
 */
export function probeTraits(fs: Fs, dir: string): DiskTraits {
	const own = `new-${fs.ownName()}`;
	const composed = `${own}-a\u00e9`;
	fs.close(fs.openWrite(`${dir}/${composed}`));
	try {
		const finds = (name: string): boolean => fs.stat(`${dir}/${name}`) !== undefined;
		return {
			caseInsensitive: finds(`${own}-A\u00e9`),
			normalising: finds(`${own}-ae\u0301`),
			windowsNames: !takes(fs, dir, `${own}?`),
			nameBytes: longest((length) => takes(fs, dir, own.padEnd(length, 'x'))),
		};
	} finally {
		fs.unlink(`${dir}/${composed}`);
	}
}

/** What says nothing about the name. */
const TROUBLE = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE'];

function takes(fs: Fs, dir: string, name: string): boolean {
	try {
		fs.close(fs.openWrite(`${dir}/${name}`));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		// Without a code it is no answer of the disk.
		if (code === undefined || TROUBLE.includes(code)) throw error;
		return false;
	}
	fs.unlink(`${dir}/${name}`);
	return true;
}

/** The greatest length up to the limit of the wire that `isTaken` says yes to, if it is not less than any disk's. */
function longest(isTaken: (length: number) => boolean): number {
	if (isTaken(LIMITS.nameBytes)) return LIMITS.nameBytes;
	let [yes, no]: [number, number] = [64, LIMITS.nameBytes];
	while (no - yes > 1) {
		const middle = (yes + no) >> 1;
		if (isTaken(middle)) yes = middle;
		else no = middle;
	}
	return yes;
}
