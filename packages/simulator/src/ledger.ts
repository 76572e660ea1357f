import type { ContentHash } from '@mydropbox/protocol';
import { BlockSplitter } from '@mydropbox/protocol/content';
import type { Inode } from './disk/inode.ts';

/** Names a version: the content hash of a file, or a link's target. */
export type VersionKey = ContentHash | `->${string}`;

export interface WrittenVersion {
	readonly key: VersionKey;
	/** Where it was written. */
	readonly device: string;
	readonly at: number;
	/** On which devices a user took it away: deleted it or wrote over it. */
	readonly removedOn: Set<string>;
	/** On which devices a user took one of several copies away. */
	readonly reducedOn: Set<string>;
	/** On which devices a user ever took it, or a copy of it, away from where it was, took its name, or did something else to it. */
	readonly movedOn: Set<string>;
	/** On which devices a user did something to the file that held it, or a version before or after it. */
	touchedOn: Set<string>;
	/** A program was in the middle of writing it. */
	partial: boolean;
}

/** What users did, in terms of versions. Every write brings bytes that the world has never seen. */
export class Ledger {
	readonly versions = new Map<VersionKey, WrittenVersion>();

	wrote(key: VersionKey, device: string, at: number, partial: boolean): void {
		const known = this.versions.get(key);
		if (!known) {
			const [removedOn, reducedOn, movedOn] = [new Set<string>(), new Set<string>(), new Set<string>()];
			const more = { removedOn, reducedOn, movedOn, touchedOn: new Set([device]) };
			this.versions.set(key, { key, device, at, partial, ...more });
		} else {
			known.removedOn.delete(device);
			known.touchedOn.add(device);
			known.partial &&= partial;
		}
	}

	removed(key: VersionKey, device: string): void {
		this.versions.get(key)?.removedOn.add(device);
		this.versions.get(key)?.movedOn.add(device);
	}

	reduced(key: VersionKey, device: string): void {
		this.versions.get(key)?.reducedOn.add(device);
		this.versions.get(key)?.movedOn.add(device);
	}

	/** Somebody has taken its name for something new. */
	lostName(key: VersionKey, device: string): void {
		this.versions.get(key)?.movedOn.add(device);
	}

	/** What somebody does something to while a program is still writing it stays as it is: the program no longer finds it. */
	touched(key: VersionKey, device: string): void {
		const version = this.versions.get(key);
		version?.touchedOn.add(device);
		version?.movedOn.add(device);
		this.finished(key);
	}

	/** No program goes on with it. */
	finished(key: VersionKey): void {
		const version = this.versions.get(key);
		if (version) version.partial = false;
	}

	/** One was written over the other: whoever does something to the one, does it to the file that the other was, too. */
	succeeded(before: VersionKey, after: VersionKey): void {
		const [older, newer] = [this.versions.get(before), this.versions.get(after)];
		if (!older || !newer || older.touchedOn === newer.touchedOn) return;
		const both = new Set([...older.touchedOn, ...newer.touchedOn]);
		const families = new Set([older.touchedOn, newer.touchedOn]);
		for (const version of this.versions.values()) if (families.has(version.touchedOn)) version.touchedOn = both;
	}
}

const keys = new WeakMap<Uint8Array, ContentHash>();

export function versionOf(inode: Inode): VersionKey {
	if (inode.kind === 'symlink') return `->${inode.target}`;
	let key = keys.get(inode.bytes);
	if (!key) {
		const splitter = new BlockSplitter();
		for (const _ of splitter.push(inode.bytes));
		for (const _ of splitter.end());
		key = splitter.content().hash;
		keys.set(inode.bytes, key);
	}
	return key;
}
