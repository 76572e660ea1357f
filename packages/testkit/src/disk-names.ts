/**
 * What a made-up disk does to names. Written apart from what the client believes about disks (`client/src/names`), which
 * may take more names for one than any disk does, and never fewer.
 */
export interface NamingRules {
	/** `a` and `A` are one name. */
	readonly caseInsensitive: boolean;
	/** An accented letter and the letter with its accent beside it are one name. */
	readonly normalising: boolean;
	/** Refuses names as Windows does. */
	readonly windowsNames: boolean;
	/** Bytes of UTF-8 in a name. */
	readonly nameBytes: number;
}

/** Equal for the spellings that are one name on the disk. */
export function diskKey(spelling: string, { caseInsensitive, normalising }: NamingRules): string {
	const form = normalising ? spelling.normalize('NFC') : spelling;
	return caseInsensitive ? form.toUpperCase() : form;
}

/** @returns the error code with which the disk refuses a new name; undefined: it takes it. */
export function nameRefusal(name: string, { windowsNames, nameBytes }: NamingRules): string | undefined {
	if (Buffer.byteLength(name) > nameBytes) return 'ENAMETOOLONG';
	const isRefused = windowsNames && /[<>:"\\|?*\n]|[. ]$|^(con|prn|aux|nul)(\.|$)/i.test(name);
	return isRefused ? 'EINVAL' : undefined;
}
