import type { Inode } from './disk/inode.ts';
import type { SimDisk } from './disk/sim-disk.ts';
import { ROOT } from './places.ts';
import { Random } from './random.ts';

/** What a person or a program does, step by step; yields milliseconds until the next step. */
export type Deed = Generator<number, void, undefined>;

/** `nasty`: names that not every disk can hold; `twins`: names that some disks take for one. */
export type NameSet = 'plain' | 'nasty' | 'twins';

export interface Hands {
	readonly disk: SimDisk;
	readonly random: Random;
	/** Where MyDropbox's folder is. */
	readonly root: string;
	/** Marks what is on the disk during the work as not finished by its program. */
	readonly act: (work: () => void, partial?: boolean) => void;
	/** Writes to a file that was opened before, wherever that is by now. */
	readonly writeOpen: (inode: Inode, bytes: Uint8Array) => void;
	/** The program that was writing it does not go on: what there is of it now is all that there will be. */
	readonly abandon: (inode: Inode) => void;
	/** Two writes got the same time from the disk's clock. */
	readonly sameTick: () => void;
	/** A text that was never written before; all are equally long. */
	readonly fresh: () => string;
	readonly sizes: 'small' | 'large';
	readonly names: NameSet;
	/** Only what the model of one file knows happens, to few files: writes in place. */
	readonly isStory: boolean;
	/** Something got another spelling of its name. */
	readonly respelled: () => void;
	/** Everything happens to a few names. */
	readonly narrow: boolean;
	/** What is done far more often than anything else. */
	readonly habit: string | undefined;
	/** Whether people delete everything now and then. */
	readonly deletesAll: boolean;
}

export const FILES = ['a.txt', 'b.txt', 'c', 'd.md', 'e.txt', 'f'];
export const FOLDERS = ['x', 'y', 'z', 'photos.d'];
/** The few files that a story is about. */
export const IN_STORIES: ReadonlySet<string> = new Set(FILES.map((name) => `${ROOT}/${name}`));
const NASTY = ['a.txt', 'A.txt', 'CON', 'a:b?.txt', 'dot.', ' ', 'two\nlines', '\u202e👩‍💻', 'é', 'É', 'x'.repeat(255)];

const TWINS = [
	'a.txt',
	'A.txt',
	'A.TXT',
	'c',
	'C',
	'photos',
	'Photos',
	'\u00e9.md',
	'e\u0301.md',
	'\u00c9.md',
	'E\u0301.md',
];

const NAMES: Partial<Record<NameSet, readonly string[]>> = { nasty: NASTY, twins: TWINS };

/** Everything visible below the folder, with its path. */
export function* visible(disk: SimDisk, root: string, own: string): Generator<{ path: string; inode: Inode }> {
	for (const [name, inode] of disk.find(root)?.children ?? []) {
		if (name === own) continue;
		const path = `${root}/${name}`;
		yield { path, inode };
		if (inode.kind === 'folder') yield* visible(disk, path, '');
	}
}

/** A path beside this one that nothing is at. */
export function freeName(disk: SimDisk, path: string): string {
	for (let number = 1; ; number++) if (!disk.find(`${path} ${number}`)) return `${path} ${number}`;
}

let noise: Uint8Array | undefined;

export class User {
	readonly hands: Hands;
	readonly #all: { path: string; inode: Inode }[];

	constructor(hands: Hands) {
		this.hands = hands;
		const all = [...visible(hands.disk, hands.root, '.mydropbox')];
		this.#all = hands.isStory ? all.filter(({ path }) => IN_STORIES.has(path)) : all;
	}

	/** A place for something, there or not. */
	place(names: readonly string[]): string {
		const { random, root, narrow } = this.hands;
		const possible = NAMES[this.hands.names] ?? names;
		if (narrow) return `${root}/${random.pick(possible.slice(0, 2))}`;
		const folders = this.#all.filter(({ inode, path }) => inode.kind === 'folder' && path.split('/').length < 7);
		const parent = folders.length > 0 && random.chance(0.6) ? random.pick(folders).path : root;
		return `${parent}/${random.pick(possible)}`;
	}

	some(...kinds: Inode['kind'][]): string | undefined {
		const found = this.#all.filter(({ inode }) => kinds.includes(inode.kind));
		return found.length > 0 ? this.hands.random.pick(found).path : undefined;
	}

	bytes(): Uint8Array {
		const { random, fresh, isStory } = this.hands;
		if (isStory) return new Uint8Array(Buffer.from(fresh()));
		return new Uint8Array(Buffer.from(fresh() + 'x'.repeat(random.chance(0.5) ? 0 : random.between(0, 90))));
	}

	/** Most of it is the same as of others, so that they have blocks in common. */
	largeFile(): Uint8Array {
		const { random } = this.hands;
		noise ??= new Random('noise').bytes(3_400_000);
		const start = random.pick([0, 0, 700_001]);
		return this.patched(noise.subarray(start, start + random.between(100_000, 2_600_000)));
	}

	/** With some bytes in each half that were never there before: no half of one version goes with a half of another. */
	patched(bytes: Uint8Array): Uint8Array {
		const { random, fresh } = this.hands;
		// The slice of a Buffer would be the same memory, of which a copy may be another file by now.
		const patched = new Uint8Array(bytes);
		const half = patched.length >> 1;
		for (const from of [0, half]) {
			const text = Buffer.from(fresh()).subarray(0, half);
			patched.set(text, from + random.between(0, half - text.length));
		}
		return patched;
	}

	/** Writes in place, whole. */
	write(path: string, bytes: Uint8Array, partial = false): void {
		const { disk, random, act } = this.hands;
		act(() => {
			const there = disk.find(path);
			if (there && there.kind !== 'file') throw new Error('EISDIR');
			const inode = there ?? disk.create(path, 'file', { mode: 0o644 });
			disk.setBytes(inode, bytes);
			if (random.chance(0.3)) disk.syncFile(inode);
		}, partial);
	}

	remove(path: string): void {
		const { disk } = this.hands;
		const inode = disk.find(path);
		if (!inode) return;
		if (inode.kind !== 'folder') disk.unlink(path);
		else {
			for (const name of [...inode.children.keys()]) this.remove(`${path}/${name}`);
			disk.removeFolder(path);
		}
	}
}
