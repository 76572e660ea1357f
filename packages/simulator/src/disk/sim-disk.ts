import type { Count } from '../effects.ts';
import type { Random } from '../random.ts';
import { type DiskKind, DiskNames, type OtherSpelling, otherSpelling } from './disk-kinds.ts';
import { failure, type Inode, newInode } from './inode.ts';
import { mix, tear } from './power-cut.ts';

/** Changes of names that belong together; a power cut keeps all or none of them. */
interface NameChange {
	readonly changes: readonly { readonly folder: Inode; readonly name: string; readonly inode: Inode | null }[];
}

export interface SimDiskOptions {
	/** Nanoseconds since 1970, of the clock that stamps files. */
	readonly now: () => bigint;
	/** Times are multiples of it, nanoseconds. */
	readonly tick: bigint;
	readonly kind: DiskKind;
	/** Something changed under this name in the folder at this path. */
	readonly onChange: (folder: string, name: string) => void;
	/** Something was found by another spelling than the folder has. */
	readonly onOtherSpelling: (path: string, how: OtherSpelling) => void;
}

const FOLLOWED_LINKS = 8;

/**
 * A disk: a tree of names for inodes. What it shows is what was last done; what a power cut leaves of that is another
 * matter: bytes that were synced, and names up to some moment not before the last sync of their folder.
 */
export class SimDisk {
	readonly #options: SimDiskOptions;
	readonly names: DiskNames;
	/** Nanoseconds between two times that it can tell apart. */
	readonly tick: bigint;
	#root: Inode;
	#lastNumber = 1;
	/** Numbers are used again, the latest first, as ext4 does. */
	readonly #free: number[] = [];
	#pending: NameChange[] = [];
	/** Everything that has bytes. */
	#dirty = new Set<Inode>();

	constructor(options: SimDiskOptions) {
		this.#options = options;
		this.tick = options.tick;
		this.names = new DiskNames(options.kind);
		this.#root = this.#newInode('folder', { mode: 0o755 });
	}

	#newInode(kind: Inode['kind'], more: { mode: number; target?: string; device?: string }): Inode {
		return newInode({ number: this.#free.pop() ?? ++this.#lastNumber, now: this.now(), kind, ...more });
	}

	now(): bigint {
		const now = this.#options.now();
		return now - (now % this.tick);
	}

	/** The inode at a path; links on the way are followed, the last one is not. */
	find(path: string): Inode | undefined {
		return this.#find(path, 0);
	}

	#find(path: string, followed: number): Inode | undefined {
		let at = this.#root;
		for (let start = 0, end: number; start < path.length; start = end + 1) {
			end = path.indexOf('/', start);
			if (end < 0) end = path.length;
			if (end === start) continue;
			if (at.kind !== 'folder') throw failure('ENOTDIR', path);
			const name = path.slice(start, end);
			const next = name === '..' ? (at.parent ?? at) : name === '.' ? at : this.#child(at, name, path, end);
			if (!next) return undefined;
			if (next.kind === 'symlink' && end < path.length) {
				if (followed >= FOLLOWED_LINKS) throw failure('ELOOP', path);
				const base = next.target!.startsWith('/') ? '' : path.slice(0, start);
				return this.#find(`${base}/${next.target}${path.slice(end)}`, followed + 1);
			}
			at = next;
		}
		return at;
	}

	#child(folder: Inode, name: string, path: string, end: number): Inode | undefined {
		const child = folder.children.get(name);
		if (child || this.names.areExact) return child;
		const spelling = this.names.spelling(folder.children, name);
		if (spelling === undefined) return undefined;
		this.#options.onOtherSpelling(path.slice(0, end), otherSpelling(spelling, name));
		return folder.children.get(spelling);
	}

	get(path: string): Inode {
		const inode = this.find(path);
		if (!inode) throw failure('ENOENT', path);
		return inode;
	}

	/** The folder that a name is in or goes to; `name` as the folder has it already, if it has, `asked` as a new one would be. */
	place(path: string): { folder: Inode; name: string; asked: string } {
		const cut = path.lastIndexOf('/');
		// With a slash at the end a link to the folder is followed.
		const folder = this.get(`${path.slice(0, cut)}/.`);
		if (folder.kind !== 'folder') throw failure('ENOTDIR', path);
		const asked = this.names.stored(path.slice(cut + 1));
		return { folder, name: this.names.spelling(folder.children, asked) ?? asked, asked };
	}

	pathOf(folder: Inode): string | undefined {
		if (folder === this.#root) return '';
		const above = folder.parent && this.pathOf(folder.parent);
		if (above === undefined || above === null) return undefined;
		for (const [name, child] of folder.parent!.children) if (child === folder) return `${above}/${name}`;
		return undefined;
	}

	create(path: string, kind: Inode['kind'], more: { mode: number; target?: string }): Inode {
		const { folder, name } = this.place(path);
		if (folder.children.has(name)) throw failure('EEXIST', path);
		const inode = this.#newInode(kind, more);
		this.#rename([{ folder, name, inode }]);
		if (kind !== 'folder') this.#dirty.add(inode);
		return inode;
	}

	setBytes(inode: Inode, bytes: Uint8Array): void {
		inode.bytes = bytes;
		inode.isDaemons = false;
		inode.mtime = this.now();
		inode.ctime = inode.mtime;
		this.#dirty.add(inode);
		this.#touchedFile(inode);
	}

	setTimes(inode: Inode, mtime: bigint): void {
		inode.mtime = mtime;
		inode.ctime = this.now();
		this.#touchedFile(inode);
	}

	setMode(inode: Inode, mode: number): void {
		inode.mode = mode;
		inode.ctime = this.now();
		this.#touchedFile(inode);
	}

	#touchedFile(inode: Inode): void {
		for (const { folder, name } of this.#placesOf(inode)) this.#tell(folder, name);
	}

	/** By looking, until all its names are found: simulated disks are small. */
	#placesOf(
		inode: Inode,
		below: Inode = this.#root,
		found: { folder: Inode; name: string }[] = [],
	): { folder: Inode; name: string }[] {
		for (const [name, child] of below.children) {
			if (found.length === inode.links) break;
			if (child === inode) found.push({ folder: below, name });
			if (child.kind === 'folder') this.#placesOf(inode, child, found);
		}
		return found;
	}

	link(from: string, to: string): void {
		const inode = this.get(from);
		if (inode.kind === 'folder') throw failure('EPERM', from);
		const { folder, name } = this.place(to);
		if (folder.children.has(name)) throw failure('EEXIST', to);
		if (folder.device !== inode.device) throw failure('EXDEV', to);
		this.#rename([{ folder, name, inode }]);
	}

	rename(from: string, to: string): void {
		const inode = this.get(from);
		const source = this.place(from);
		const target = this.place(to);
		const there = target.folder.children.get(target.name);
		if (target.folder.device !== inode.device) throw failure('EXDEV', to);
		const name = this.names.respells ? target.asked : target.name;
		const isOneName = source.folder === target.folder && source.name === target.name;
		if (there === inode && !(isOneName && name !== target.name)) return;
		if (inode.kind === 'folder') {
			for (let at: Inode | null = target.folder; at; at = at.parent) if (at === inode) throw failure('EINVAL', to);
			if (there && there.kind !== 'folder') throw failure('ENOTDIR', to);
			if (there && there !== inode && there.children.size > 0) throw failure('ENOTEMPTY', to);
		} else if (there?.kind === 'folder') throw failure('EISDIR', to);
		const replaced = there && there !== inode && name !== target.name ? [{ ...target, inode: null }] : [];
		this.#rename([{ ...source, inode: null }, ...replaced, { ...target, name, inode }]);
	}

	unlink(path: string): void {
		if (this.get(path).kind === 'folder') throw failure('EISDIR', path);
		this.#rename([{ ...this.place(path), inode: null }]);
	}

	removeFolder(path: string): void {
		const inode = this.get(path);
		if (inode.kind !== 'folder') throw failure('ENOTDIR', path);
		if (inode.children.size > 0) throw failure('ENOTEMPTY', path);
		this.#rename([{ ...this.place(path), inode: null }]);
	}

	#rename(changes: NameChange['changes']): void {
		const now = this.now();
		for (const { name, inode } of changes) if (inode) this.names.check(name);
		const unlinked: Inode[] = [];
		for (const { folder, name, inode } of changes) {
			const before = folder.children.get(name);
			if (before) {
				before.links--;
				before.ctime = now;
				unlinked.push(before);
			}
			if (inode) {
				folder.children.set(name, inode);
				inode.links++;
				inode.ctime = now;
				if (inode.kind === 'folder') inode.parent = folder;
			} else folder.children.delete(name);
			folder.mtime = now;
			folder.ctime = now;
		}
		for (const inode of unlinked) this.#letGo(inode);
		this.#pending.push({ changes });
		for (const { folder, name } of changes) this.#tell(folder, name);
	}

	/** What has no name any more; a thing that was renamed has one. */
	#letGo(inode: Inode): void {
		if (inode.links > 0 || inode.kind === 'folder') return;
		this.#dirty.delete(inode);
		// What a power cut may bring back keeps its number.
		if (!inode.durable) this.#free.push(inode.number);
	}

	#tell(folder: Inode, name: string): void {
		const path = this.pathOf(folder);
		if (path !== undefined) this.#options.onChange(path, name);
	}

	syncFile(inode: Inode): void {
		inode.durable = { bytes: inode.bytes, mtime: inode.mtime, ctime: inode.ctime };
		this.#dirty.delete(inode);
	}

	/** Name changes become durable in their order, as in a journalling file system. */
	syncFolder(folder: Inode): void {
		const last = this.#pending.findLastIndex(({ changes }) => changes.some((change) => change.folder === folder));
		this.#settle(last + 1);
	}

	#settle(count: number): void {
		for (const { changes } of this.#pending.splice(0, count)) {
			for (const { folder, name, inode } of changes) {
				if (inode) folder.durableChildren.set(name, inode);
				else folder.durableChildren.delete(name);
			}
		}
	}

	syncAll(): void {
		this.#settle(this.#pending.length);
		for (const inode of [...this.#dirty]) this.syncFile(inode);
	}

	/**
	 * What was not synced is there, gone, or there in part.
	 * @param inPlace files that were written over keep length and times of the new bytes, and some of the old bytes.
	 */
	cutPower(random: Random, inPlace: boolean, count: Count): void {
		const settled = random.between(0, this.#pending.length);
		if (settled < this.#pending.length) count('names-lost');
		this.#settle(settled);
		this.#pending = [];
		const seen = new Set<Inode>();
		const restore = (folder: Inode): void => {
			folder.children.clear();
			for (const [name, inode] of folder.durableChildren) {
				folder.children.set(name, inode);
				if (inode.kind === 'folder') {
					inode.parent = folder;
					restore(inode);
				} else if (!seen.has(inode)) {
					seen.add(inode);
					inode.links = 0;
					if (inode.kind === 'file' && this.#dirty.has(inode)) (inPlace ? mix : tear)(inode, random, count);
				}
				inode.links++;
			}
		};
		restore(this.#root);
		for (const inode of seen) this.syncFile(inode);
		this.#dirty = new Set();
	}

	/** Takes the folder at a path away, as unmounting its disk does; an empty one of the disk below shows. */
	unmount(path: string): () => void {
		const { folder, name } = this.place(path);
		const mounted = folder.children.get(name)!;
		const empty = this.#newInode('folder', { mode: 0o755, device: '2' });
		empty.parent = folder;
		folder.children.set(name, empty);
		return () => void folder.children.set(name, mounted);
	}
}
