import type { Device } from './device.ts';
import type { Inode } from './disk/inode.ts';
import type { Count } from './effects.ts';
import type { Ledger, VersionKey } from './ledger.ts';
import { versionOf } from './ledger.ts';
import { OWN, ROOT } from './places.ts';
import type { Story } from './story.ts';
import { visible } from './user.ts';

export interface WitnessOptions {
	readonly ledger: Ledger;
	readonly now: () => number;
	readonly note: (what: string) => void;
	readonly count: Count;
	readonly violated: (invariant: string, message: string) => void;
	/** Whether nothing that others know could ever be news to this device. */
	readonly writesAlone: (device: Device) => boolean;
	/** Whether a daemon may have lost what it knew: then any folder is as good as another. */
	readonly forgets: () => boolean;
	/** A file that a program writes may lie about when it was written. */
	readonly clocksJump: boolean;
	/** In worlds that the model of one file judges. */
	readonly story: Story | undefined;
}

/** Sees what users and daemons do to the disks: writes the one down, and holds the other to the invariants at once. */
export class Witness {
	readonly #options: WitnessOptions;
	/** What was last put at a path of a device, by a user or by the daemon. */
	readonly #lastAt = new Map<string, VersionKey>();
	/** Written to files that no longer had a name: they may turn up as a conflict copy, or nowhere. */
	readonly #nameless = new Set<VersionKey>();
	/** What users did, call by call. */
	operations = 0;

	constructor(options: WitnessOptions) {
		this.#options = options;
	}

	/**
	 * Something that a user does at once; what came and went is written down.
	 * @param how `partial`: its program has not finished; `isPowerCut`: nobody does it, the machine stops.
	 */
	act(device: Device, work: () => void, how: { partial?: boolean; isPowerCut?: boolean }): void {
		const { ledger, now, note, story } = this.#options;
		const { partial = false, isPowerCut = false } = how;
		if (!isPowerCut) this.operations++;
		const before = versionsOn(device);
		try {
			if (story) story.acts(device, work);
			else work();
		} finally {
			const after = versionsOn(device);
			for (const [key, place] of before) {
				if (!after.has(key)) this.#removed(device, key);
				else if (copies(after.get(key)!) < copies(place)) ledger.reduced(key, device.name);
				if (after.has(key) && after.get(key) !== place) ledger.touched(key, device.name);
			}
			for (const [key, path] of after) {
				if (before.get(key) === path) continue;
				// A version that a power cut brings back was written over by its user all the same.
				const isBack = isPowerCut && ledger.versions.has(key);
				if (isBack) ledger.touched(key, device.name);
				else if (!before.has(key)) ledger.wrote(key, device.name, now(), partial);
				// What it tears is nobody's: the daemon may take the real version from the server instead.
				if (isPowerCut && !isBack) ledger.removed(key, device.name);
				note(`${device.name} user ${path} ${key.slice(0, 10)}${partial ? ' (half)' : ''}`);
			}
			this.#recordSuccession(device, before, after);
		}
	}

	/** A program writes to a file that it has held open, wherever that is by now. */
	writeOpen(device: Device, inode: Inode, bytes: Uint8Array): void {
		const { ledger, count, note } = this.#options;
		// Unless the daemon has let go of it before: then that was no user's doing.
		const before = inode.links > 0 ? versionOf(inode) : undefined;
		this.act(device, () => device.disk.setBytes(inode, bytes), {});
		const key = versionOf(inode);
		const after = versionsOn(device);
		if (after.has(key)) count('write-while-open');
		else {
			if (before !== undefined && !after.has(before)) ledger.removed(before, device.name);
			count('write-after-replaced');
			this.#nameless.add(key);
			note(`${device.name} user writes ${key.slice(0, 10)} to a file without a name`);
		}
	}

	/** A program that was writing to a file has ended before it was done. */
	abandoned(inode: Inode): void {
		this.#options.ledger.finished(versionOf(inode));
	}

	/**
	 * What comes to a path where something else was before may well be a new version of that. While the daemon changes the
	 * disk, a new file may take the name of what has to be without one for a moment, to be spelled differently.
	 */
	#recordSuccession(
		device: Device,
		before: ReadonlyMap<VersionKey, string>,
		after: ReadonlyMap<VersionKey, string>,
	): void {
		for (const [key, places] of after) {
			for (const place of places.split(';').filter(Boolean)) {
				const older = this.#comesTo(device, place.replace(/ \d+ \d+$/, ''), key);
				if (older && !before.has(key) && device.job === 'publish') this.#options.ledger.lostName(older, device.name);
			}
		}
	}

	/** @returns what was last there, if that is another one. */
	#comesTo(device: Device, path: string, key: VersionKey): VersionKey | undefined {
		const at = `${device.name} ${device.disk.names.key(path)}`;
		const older = this.#lastAt.get(at);
		this.#lastAt.set(at, key);
		if (older === undefined || older === key) return undefined;
		this.#options.ledger.succeeded(older, key);
		return older;
	}

	#removed(device: Device, key: VersionKey): void {
		this.#options.ledger.removed(key, device.name);
		this.#options.note(`${device.name} user removes ${key.slice(0, 10)}`);
	}

	/** The daemon has put something where people see it. */
	placed(device: Device, path: string, inode: Inode): void {
		const { ledger, violated, clocksJump, forgets } = this.#options;
		if (!device.isMounted && !forgets())
			violated('S12', `${device.name} puts ${path} into the folder that its disk hides when it is back`);
		if (inode.kind !== 'file' || inode.bytes.length === 0) return;
		const key = versionOf(inode);
		const version = ledger.versions.get(key);
		if (!version) {
			if (!this.#nameless.has(key)) violated('S2', `${device.name} shows bytes at ${path} that nobody ever wrote`);
			return;
		}
		this.#comesTo(device, path, key);
		const isHalf = version.partial && version.removedOn.has(version.device);
		if (isHalf && version.device !== device.name && !clocksJump)
			violated('S2', `${device.name} shows at ${path} what a program on ${version.device} was still writing`);
	}

	/** The daemon has changed something where people see it. */
	daemonChanged(device: Device, call: string, path: string): void {
		const { violated, writesAlone, story } = this.#options;
		story?.changed(device, path);
		if (call === 'write' || call === 'truncate') violated('S2', `the daemon of ${device.name} writes into ${path}`);
		if (writesAlone(device)) violated('S6', `the daemon of ${device.name}, the only writer, does ${call} ${path}`);
	}

	/** What programs had not synced may be torn, also where the daemon keeps it; what the daemon shows must be whole. */
	powerCut(device: Device, cut: () => void): void {
		const { ledger, now, violated } = this.#options;
		const before = [...visible(device.disk, ROOT, '')].map(({ inode }) => versionOf(inode));
		this.act(device, cut, { isPowerCut: true });
		const after = new Set<VersionKey>();
		for (const { path, inode } of visible(device.disk, ROOT, '')) {
			if (inode.kind !== 'file') continue;
			const key = versionOf(inode);
			after.add(key);
			if (ledger.versions.has(key) || this.#nameless.has(key)) continue;
			if (!inode.isDaemons) {
				if (inode.bytes.length === 0) continue;
				ledger.wrote(key, device.name, now(), false);
				ledger.removed(key, device.name);
			} else if (!path.startsWith(OWN)) {
				violated('S2', `after a power cut, ${device.name} shows at ${path} half of what its daemon had written`);
			}
		}
		for (const key of before) if (!after.has(key)) ledger.removed(key, device.name);
	}
}

/** Visible versions, each with everything that says where and how it is. Empty files are all alike and left out. */
function versionsOn(device: Device): Map<VersionKey, string> {
	const found = new Map<VersionKey, string>();
	for (const { path, inode } of visible(device.disk, ROOT, '.mydropbox')) {
		if (inode.kind === 'folder' || (inode.kind === 'file' && inode.bytes.length === 0)) continue;
		const key = versionOf(inode);
		found.set(key, `${found.get(key) ?? ''}${path} ${inode.mode.toString(8)} ${inode.mtime};`);
	}
	return found;
}

const copies = (places: string): number => places.split(';').length;
