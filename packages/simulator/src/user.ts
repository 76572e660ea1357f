import type { Inode } from './disk/inode.ts';
import type { SimDisk } from './disk/sim-disk.ts';
import type { Random } from './random.ts';

/** What a person or a program does, step by step; yields milliseconds until the next step. */
export type Deed = Generator<number, void, undefined>;

export interface Hands {
	readonly disk: SimDisk;
	readonly random: Random;
	/** Where MyDropbox's folder is. */
	readonly root: string;
	/** Marks what is on the disk during the work as not finished by its program. */
	readonly act: (work: () => void, partial?: boolean) => void;
	/** A text that was never written before; all are equally long. */
	readonly fresh: () => string;
	readonly sizes: 'small' | 'large';
}

const FILES = ['a.txt', 'b.txt', 'c', 'd.md', 'e.txt', 'f'];
const FOLDERS = ['x', 'y', 'z', 'photos.d'];

/** Everything visible below the folder, with its path. */
export function* visible(disk: SimDisk, root: string, own: string): Generator<{ path: string; inode: Inode }> {
	for (const [name, inode] of disk.find(root)?.children ?? []) {
		if (name === own) continue;
		const path = `${root}/${name}`;
		yield { path, inode };
		if (inode.kind === 'folder') yield* visible(disk, path, '');
	}
}

type Deeds = Record<string, { weight: number; do: (user: User) => Deed | undefined }>;

export class User {
	readonly hands: Hands;
	readonly #all: { path: string; inode: Inode }[];

	constructor(hands: Hands) {
		this.hands = hands;
		this.#all = [...visible(hands.disk, hands.root, '.mydropbox')];
	}

	/** A place for something, there or not. */
	place(names: readonly string[]): string {
		const { random, root } = this.hands;
		const folders = this.#all.filter(({ inode, path }) => inode.kind === 'folder' && path.split('/').length < 7);
		const parent = folders.length > 0 && random.chance(0.6) ? random.pick(folders).path : root;
		return `${parent}/${random.pick(names)}`;
	}

	some(...kinds: Inode['kind'][]): string | undefined {
		const found = this.#all.filter(({ inode }) => kinds.includes(inode.kind));
		return found.length > 0 ? this.hands.random.pick(found).path : undefined;
	}

	bytes(): Uint8Array {
		const { random, fresh, sizes } = this.hands;
		const text = fresh();
		if (sizes === 'large' && random.chance(0.05)) {
			return new Uint8Array(Buffer.alloc(random.between(2_100_000, 3_000_000), text));
		}
		return new Uint8Array(Buffer.from(text + 'x'.repeat(random.chance(0.5) ? 0 : random.between(0, 90))));
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

export const DEEDS: Deeds = {
	write: {
		weight: 26,
		do(user) {
			user.write(user.place(FILES), user.bytes());
		},
	},
	edit: {
		weight: 14,
		do(user) {
			const path = user.some('file');
			if (path) user.write(path, user.bytes());
		},
	},
	append: {
		weight: 6,
		do(user) {
			const path = user.some('file');
			const before = path && user.hands.disk.find(path)?.bytes;
			if (before && before.length < 2000) user.write(path, Buffer.concat([before, user.bytes().subarray(0, 500)]));
		},
	},
	/** A program that writes in two halves, with a pause. */
	halves: {
		weight: 6,
		*do(user) {
			const path = user.some('file') ?? user.place(FILES);
			const whole = user.bytes();
			const pause = user.hands.random.between(1, 400);
			user.write(path, whole.slice(0, whole.length >> 1), pause < 100);
			yield pause;
			const inode = user.hands.disk.find(path);
			// It opens the file again: whoever keeps it open writes to a version that may have been replaced meanwhile.
			if (inode?.kind === 'file') user.hands.act(() => user.hands.disk.setBytes(inode, whole));
		},
	},
	/** Two writes of the same length, perhaps within one tick of the disk's clock. */
	twice: {
		weight: 6,
		*do(user) {
			const path = user.some('file') ?? user.place(FILES);
			const { random, fresh } = user.hands;
			user.write(path, new Uint8Array(Buffer.from(fresh())));
			yield random.chance(0.5) ? random.between(0, 12) : random.between(0, 400);
			user.write(path, new Uint8Array(Buffer.from(fresh())));
		},
	},
	/** As editors save: a new file takes the old one's name. */
	atomicSave: {
		weight: 14,
		*do(user) {
			const { disk, act, random } = user.hands;
			const path = user.some('file') ?? user.place(FILES);
			const temp = `${path.slice(0, path.lastIndexOf('/'))}/.${path.slice(path.lastIndexOf('/') + 1)}.swp`;
			user.write(temp, user.bytes());
			if (random.chance(0.7)) yield random.between(0, 30);
			act(() => disk.rename(temp, path));
		},
	},
	/** As other editors save: the old file becomes a backup, which goes in the end. */
	backupSave: {
		weight: 5,
		*do(user) {
			const { disk, act, random } = user.hands;
			const path = user.some('file');
			if (!path) return;
			act(() => disk.rename(path, `${path}~`));
			yield random.between(0, 20);
			user.write(path, user.bytes());
			yield random.between(0, 200);
			if (random.chance(0.7)) act(() => disk.unlink(`${path}~`));
		},
	},
	rename: {
		weight: 10,
		do(user) {
			const { disk, act } = user.hands;
			const from = user.some('file', 'symlink');
			if (from) act(() => disk.rename(from, user.place(FILES)));
		},
	},
	moveFolder: {
		weight: 8,
		do(user) {
			const { disk, act } = user.hands;
			const from = user.some('folder');
			if (from) act(() => disk.rename(from, user.place(FOLDERS)));
		},
	},
	delete: {
		weight: 9,
		do(user) {
			const path = user.some('file', 'symlink');
			if (path) user.hands.act(() => user.hands.disk.unlink(path));
		},
	},
	deleteTree: {
		weight: 3,
		do(user) {
			const path = user.some('folder');
			if (path) user.hands.act(() => user.remove(path));
		},
	},
	makeFolder: {
		weight: 9,
		do(user) {
			user.hands.act(() => user.hands.disk.create(user.place(FOLDERS), 'folder', { mode: 0o755 }));
		},
	},
	symlink: {
		weight: 4,
		do(user) {
			const { disk, act, fresh } = user.hands;
			act(() => disk.create(user.place(FILES), 'symlink', { mode: 0o777, target: fresh() }));
		},
	},
	chmod: {
		weight: 4,
		do(user) {
			const path = user.some('file');
			const inode = path && user.hands.disk.find(path);
			if (inode) user.hands.act(() => user.hands.disk.setMode(inode, inode.mode ^ 0o111));
		},
	},
	touch: {
		weight: 3,
		do(user) {
			const path = user.some('file');
			const inode = path && user.hands.disk.find(path);
			if (inode) user.hands.act(() => user.hands.disk.setTimes(inode, user.hands.disk.now() - 3_600_000_000_000n));
		},
	},
	swap: {
		weight: 5,
		*do(user) {
			const { disk, act, random } = user.hands;
			const [one, other] = [user.some('file', 'folder'), user.some('file', 'folder')];
			if (!one || !other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)) return;
			const aside = `${user.hands.root}/aside`;
			act(() => disk.rename(one, aside));
			if (random.chance(0.3)) yield random.between(0, 20);
			act(() => disk.rename(other, one));
			if (random.chance(0.3)) yield random.between(0, 20);
			act(() => disk.rename(aside, other));
		},
	},
	/** A folder wrapped into a new one of its own name. */
	wrap: {
		weight: 3,
		do(user) {
			const { disk, act } = user.hands;
			const path = user.some('folder');
			if (!path) return;
			const aside = `${user.hands.root}/aside`;
			act(() => {
				disk.rename(path, aside);
				disk.create(path, 'folder', { mode: 0o755 });
				disk.rename(aside, `${path}/${path.slice(path.lastIndexOf('/') + 1)}`);
			});
		},
	},
	fileForFolder: {
		weight: 3,
		do(user) {
			const path = user.some('folder');
			if (!path) return;
			user.hands.act(() => user.remove(path));
			user.write(path, user.bytes());
		},
	},
	folderForFile: {
		weight: 3,
		do(user) {
			const { disk, act } = user.hands;
			const path = user.some('file');
			if (!path) return;
			act(() => {
				disk.unlink(path);
				disk.create(path, 'folder', { mode: 0o755 });
			});
			user.write(`${path}/inside`, user.bytes());
		},
	},
	copy: {
		weight: 4,
		do(user) {
			const from = user.some('file');
			const bytes = from && user.hands.disk.find(from)?.bytes;
			if (bytes) user.write(user.place(FILES), bytes);
		},
	},
	hardLink: {
		weight: 2,
		do(user) {
			const { disk, act } = user.hands;
			const from = user.some('file');
			if (from) act(() => disk.link(from, user.place(FILES)));
		},
	},
};

export function begin(hands: Hands): { name: string; deed: Deed } {
	const weights = Object.fromEntries(Object.entries(DEEDS).map(([name, { weight }]) => [name, weight]));
	const name = hands.random.weighted(weights);
	return { name, deed: carryOut(name, hands) };
}

function* carryOut(name: string, hands: Hands): Deed {
	const deed = DEEDS[name]!.do(new User(hands));
	if (deed) yield* deed;
}
