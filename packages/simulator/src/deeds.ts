import { PRIVATE_FOLDER } from '@mydropbox/client';
import { type Deed, FILES, FOLDERS, type Hands, User } from './user.ts';

type Deeds = Record<string, { weight: number; do: (user: User) => Deed | undefined }>;

/** What people and programs do. */
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
	/** A program that writes in two halves, with a pause; nobody knows of a long one that it is not the end. */
	halves: {
		weight: 6,
		*do(user) {
			const path = user.some('file') ?? user.place(FILES);
			const whole = user.bytes();
			const pause = user.hands.random.between(1, 100);
			user.write(path, whole.slice(0, whole.length >> 1), pause < 30);
			const begun = user.hands.disk.get(path);
			let goesOn = false;
			try {
				yield pause;
				goesOn = true;
			} finally {
				if (!goesOn) user.hands.abandon(begun);
			}
			const inode = user.hands.disk.find(path);
			// It opens the file again: whoever keeps it open writes to a version that may have been replaced meanwhile. The
			// half that it wrote to that one, which may be a conflicted copy by now, stays one.
			if (inode !== begun) user.hands.abandon(begun);
			if (inode?.kind === 'file') user.hands.act(() => user.hands.disk.setBytes(inode, whole));
		},
	},
	/** A program that keeps a file open, and writes to it whatever became of its name. */
	keepOpen: {
		weight: 5,
		*do(user) {
			const { disk, random, writeOpen } = user.hands;
			const path = user.some('file');
			const inode = path && disk.find(path);
			if (!inode) return;
			for (let times = random.between(1, 3); times > 0; times--) {
				yield random.between(0, 600);
				writeOpen(inode, user.bytes());
			}
		},
	},
	/** A database or a virtual disk: a large file, written to in place with pauses as if that were all. Only where files are large. */
	database: {
		weight: 0,
		*do(user) {
			const { disk, random, act } = user.hands;
			const path = user.place(FILES);
			user.write(path, user.largeFile());
			for (let times = random.between(1, 4); times > 0; times--) {
				yield random.between(150, 300);
				const inode = disk.get(path);
				if (inode.kind === 'file') act(() => disk.setBytes(inode, user.patched(inode.bytes)));
			}
		},
	},
	/** Two writes of the same length, perhaps within one tick of the disk's clock. */
	twice: {
		weight: 6,
		*do(user) {
			const path = user.some('file') ?? user.place(FILES);
			const { random, fresh } = user.hands;
			user.write(path, new Uint8Array(Buffer.from(fresh())));
			const before = user.hands.disk.find(path);
			const mtime = before?.mtime;
			yield random.chance(0.5) ? random.between(0, 12) : random.between(0, 400);
			user.write(path, new Uint8Array(Buffer.from(fresh())));
			if (user.hands.disk.find(path) === before && before?.mtime === mtime) user.hands.sameTick();
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
	/** Another spelling of a name: for some disks it is the same. Only where names are like that. */
	respell: {
		weight: 0,
		do(user) {
			const { disk, act, random, respelled } = user.hands;
			const from = user.some('file', 'folder', 'symlink');
			const inode = from && disk.find(from);
			if (!inode) return;
			const cut = from.lastIndexOf('/') + 1;
			const [folder, name] = [from.slice(0, cut), from.slice(cut)];
			const others = [name.toUpperCase(), name.toLowerCase(), name.normalize('NFC'), name.normalize('NFD')];
			const to = folder + random.pick(others.filter((other) => other !== name));
			const isThere = () => disk.get(folder).children.get(to.slice(cut)) === inode;
			act(() => {
				disk.rename(from, to);
				if (!isThere() && disk.find(to) === inode) {
					disk.rename(from, `${folder}aside`);
					disk.rename(`${folder}aside`, to);
				}
				if (isThere()) respelled();
			});
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
	/** Only where a device soon asks about many deletes. */
	deleteEverything: {
		weight: 0,
		do(user) {
			const { root, disk, act } = user.hands;
			const names = [...disk.get(root).children.keys()].filter((name) => name !== PRIVATE_FOLDER);
			act(() => names.forEach((name) => void user.remove(`${root}/${name}`)));
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
			const { disk, random, act } = user.hands;
			const path = user.some('file');
			const inode = path && disk.find(path);
			if (!inode) return;
			// So near to the old time that a slow clock, or a disk that keeps less of it, could show the same.
			const near = inode.mtime + BigInt(random.between(1, 2_000_000)) * 1000n;
			act(() => disk.setTimes(inode, random.chance(0.5) ? near : disk.now() - 3_600_000_000_000n));
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

/** What the model of one file knows; of deletes SPEC.md tells. */
const OF_STORIES: ReadonlySet<string> = new Set(['write', 'edit', 'twice']);

export function begin(hands: Hands): { name: string; deed: Deed } {
	const possible = Object.entries(DEEDS).filter(([name]) => !hands.isStory || OF_STORIES.has(name));
	const weights = Object.fromEntries(possible.map(([name, { weight }]) => [name, weight]));
	if (hands.deletesAll) weights.deleteEverything = 4;
	if (hands.names === 'twins') weights.respell = 12;
	if (hands.sizes === 'large') weights.database = 12;
	if (hands.habit) weights[hands.habit]! *= 8;
	const name = hands.random.weighted(weights);
	return { name, deed: carryOut(name, hands) };
}

function* carryOut(name: string, hands: Hands): Deed {
	const deed = DEEDS[name]!.do(new User(hands));
	if (deed) yield* deed;
}
