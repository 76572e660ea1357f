import { type Name, nameFault } from '@mydropbox/protocol';
import type { DiskEntry } from '../fs/entry.ts';
import type { Unreachable } from '../fs/port.ts';

/** Why something stays on this device, and what a person can do about it. */
export type Fault = readonly [reason: string, nextStep: string];

export interface Sorted {
	readonly syncable: readonly DiskEntry[];
	readonly faulty: readonly { readonly entry: DiskEntry; readonly fault: Fault }[];
	/** Names of the syncable, as they travel. */
	readonly names: ReadonlySet<Name>;
}

const RENAME = 'It stays on this device only; rename it to sync it.';

/**
 * What of a folder MyDropbox can sync at all. Of two spellings of one name (another Unicode form, an alias) the one
 * that is synced already stays so: the other is no reason to give it up.
 *
 * @param strangeness of a spelling: of two for one name, the one that is less strange has it.
 */
export function sortEntries(
	entries: readonly DiskEntry[],
	nameOf: (entry: DiskEntry) => Name,
	strangeness: (spelling: string) => number,
): Sorted {
	const names = new Set<Name>();
	const syncable: DiskEntry[] = [];
	const faulty: { entry: DiskEntry; fault: Fault }[] = [];
	for (const entry of entries.toSorted((a, b) => strangeness(a.name) - strangeness(b.name))) {
		const name = nameOf(entry);
		const fault = faultOf(entry, name, names);
		if (fault) faulty.push({ entry, fault });
		else {
			names.add(name);
			syncable.push(entry);
		}
	}
	return { syncable, faulty, names };
}

/** What is wrong with something of which only the name is known. */
export const unreachable = (code: Unreachable['code']): Fault =>
	code === 'EILSEQ'
		? ['The name is not valid UTF-8.', RENAME]
		: ['Its path is longer than this system allows.', 'It stays as it is, here and on the server; move it further up.'];

function faultOf({ kind, target }: DiskEntry, name: Name, taken: ReadonlySet<Name>): Fault | undefined {
	if (kind === 'other') return ['It is a socket, a pipe or a device.', 'Such things stay on this device.'];
	if (kind === 'symlink' && target === null) {
		return ['What the link points to is not valid UTF-8.', 'It stays on this device only; link to another name.'];
	}
	const fault = nameFault(name);
	if (fault) return [`Its name ${fault}.`, RENAME];
	if (!taken.has(name)) return undefined;
	return [
		'Another name here means the same, in another Unicode form or as an alias of MyDropbox.',
		'It stays on this device only; rename one of the two to sync both.',
	];
}
