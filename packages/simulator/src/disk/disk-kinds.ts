import { diskKey, type NamingRules, nameRefusal } from '@mydropbox/testkit';
import { failure } from './inode.ts';

interface Kind extends NamingRules {
	/** Lists names taken apart into base characters and accents, however they were given. */
	readonly takesApart: boolean;
	/** A rename gives a name its new spelling, also where the disk has it in another one. Linux leaves the old one. */
	readonly respells: boolean;
}

const ANY: Kind = {
	caseInsensitive: false,
	normalising: false,
	windowsNames: false,
	nameBytes: 255,
	takesApart: false,
	respells: true,
};

/** What disks do to names. */
export const DISKS = {
	any: ANY,
	/** As a case-sensitive file system under Windows' rules. */
	'windows-names': { ...ANY, windowsNames: true },
	ntfs: { ...ANY, windowsNames: true, caseInsensitive: true },
	apfs: { ...ANY, caseInsensitive: true, normalising: true },
	'apfs-case-sensitive': { ...ANY, normalising: true },
	'hfs+': { ...ANY, caseInsensitive: true, normalising: true, takesApart: true },
	/** ext4 or F2FS with case folding. */
	casefold: { ...ANY, caseInsensitive: true, normalising: true, respells: false },
} satisfies Record<string, Kind>;
export type DiskKind = keyof typeof DISKS;

/** Those that take several spellings for one name. */
export const INEXACT_DISKS = (Object.keys(DISKS) as DiskKind[]).filter(
	(kind) => DISKS[kind].caseInsensitive || DISKS[kind].normalising,
);

/** How what was asked for differs from what is there. */
export type OtherSpelling = 'other-case' | 'other-form';

export const otherSpelling = (there: string, asked: string): OtherSpelling =>
	there.normalize('NFC') === asked.normalize('NFC') ? 'other-form' : 'other-case';

/** Names on one disk. */
export class DiskNames {
	readonly respells: boolean;
	readonly #kind: Kind;
	/** Whether each spelling is a name of its own. */
	readonly areExact: boolean;
	/** The same few names are asked for again and again. */
	readonly #keys = new Map<string, string>();

	constructor(kind: DiskKind) {
		this.#kind = DISKS[kind];
		this.respells = this.#kind.respells;
		this.areExact = !this.#kind.caseInsensitive && !this.#kind.normalising;
	}

	key(spelling: string): string {
		if (this.areExact) return spelling;
		let key = this.#keys.get(spelling);
		if (key === undefined) {
			key = diskKey(spelling, this.#kind);
			this.#keys.set(spelling, key);
		}
		return key;
	}

	/** How a new name will be listed. */
	stored(name: string): string {
		return this.#kind.takesApart ? name.normalize('NFD') : name;
	}

	/** How the folder spells the name; undefined when it does not have it. */
	spelling(names: ReadonlyMap<string, unknown>, name: string): string | undefined {
		if (names.has(name)) return name;
		if (this.areExact) return undefined;
		const key = this.key(name);
		for (const known of names.keys()) if (this.key(known) === key) return known;
		return undefined;
	}

	/** @throws when the disk does not take it. */
	check(name: string): void {
		const code = nameRefusal(name, this.#kind);
		if (code) throw failure(code, name);
	}
}
