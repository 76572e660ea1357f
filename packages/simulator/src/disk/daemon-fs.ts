import type { DiskEntry, Fs, Unreachable } from '@mydropbox/client';
import { failure, type Inode, NOTHING } from './inode.ts';
import type { SimDisk } from './sim-disk.ts';

export interface DaemonFsEvents {
	/**
	 * Before each call. May change the disk, as other programs do, or throw what the disk has to say.
	 * @param from what a rename takes to the path.
	 */
	before(call: string, path: string, from?: string): void;
	/** Before a file grows. @returns how many of the bytes the disk takes; what it takes is taken. */
	grow(bytes: number): number;
	/** Whether a listing leaves out something that it could. */
	skips(): boolean;
	/** The disk said no. */
	refused(why: 'EACCES' | 'EIO' | 'bad-sector'): void;
	/** After something was put at a path. */
	placed(path: string, inode: Inode): void;
	/** After any change of what is at a path. */
	changed(call: string, path: string): void;
}

type Mtime = DiskEntry['mtime'];

/** So long after a change of its names, a folder may still be in motion. */
const CHANGING_NS = 200_000_000n;

/** A simulated disk as the daemon sees it. */
export class DaemonFs implements Fs {
	readonly #disk: SimDisk;
	readonly #events: DaemonFsEvents;
	readonly #now: () => number;
	readonly #syncsAll: boolean;
	readonly #open = new Map<number, { inode: Inode; path: string }>();
	#lastFile = 2;
	#names = 0;

	/** @param syncsAll whether the machine can sync everything with one call. */
	constructor(disk: SimDisk, events: DaemonFsEvents, now: () => number, syncsAll: boolean) {
		this.#disk = disk;
		this.#events = events;
		this.#now = now;
		this.#syncsAll = syncsAll;
	}

	now(): number {
		return this.#now();
	}

	/** What does not fit is refused when it is written. */
	freeBytes(): number {
		return Number.POSITIVE_INFINITY;
	}

	ownName(): string {
		return `1.1.${++this.#names}`;
	}

	stat(path: string): DiskEntry | undefined {
		this.#events.before('stat', path);
		try {
			const inode = this.#disk.find(path);
			return inode && toEntry(path.slice(path.lastIndexOf('/') + 1), inode);
		} catch (error) {
			// As lstat with throwIfNoEntry: false.
			if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
			throw error;
		}
	}

	list(path: string): { entries: DiskEntry[]; unreachable: Unreachable[] } {
		this.#events.before('list', path);
		const folder = this.#follow(path);
		if (folder.kind !== 'folder') throw failure('ENOTDIR', path);
		this.#refuse(folder, path);
		const skipped = this.#skipped(folder);
		const seen = [...folder.children].filter(([, inode]) => inode !== skipped);
		return { entries: seen.map(([name, inode]) => toEntry(name, inode)), unreachable: [] };
	}

	/** While names in a folder change, what stays there may be missed: once, the next look finds it. */
	#skipped(folder: Inode): Inode | undefined {
		if (this.#disk.now() - folder.mtime > CHANGING_NS) return undefined;
		const found = [...folder.children].find(([name, inode]) => !inode.wasSkipped && !folder.skipped.has(name));
		if (!found || !this.#events.skips()) return undefined;
		const [name, inode] = found;
		inode.wasSkipped = true;
		folder.skipped.add(name);
		return inode;
	}

	openRead(path: string): number {
		this.#events.before('open', path);
		const inode = this.#disk.get(path);
		if (inode.kind === 'symlink') throw failure('ELOOP', path);
		this.#refuse(inode, path);
		return this.#opened(inode, path);
	}

	openWrite(path: string): number {
		this.#events.before(this.#disk.find(path) ? 'open' : 'create', path);
		const there = this.#disk.find(path);
		if (there && there.kind !== 'file') throw failure(there.kind === 'folder' ? 'EISDIR' : 'ELOOP', path);
		return this.#opened(there ?? this.#disk.create(path, 'file', { mode: 0o644 }), path);
	}

	openNew(path: string): number {
		this.#events.before('create', path);
		return this.#opened(this.#disk.create(path, 'file', { mode: 0o644 }), path);
	}

	#opened(inode: Inode, path: string): number {
		this.#open.set(++this.#lastFile, { inode, path });
		return this.#lastFile;
	}

	#file(file: number): { inode: Inode; path: string } {
		const open = this.#open.get(file);
		if (!open) throw failure('EBADF', String(file));
		return open;
	}

	read(file: number, buffer: Uint8Array, position: number): number {
		const { inode, path } = this.#file(file);
		this.#events.before('read', path);
		const end = Math.min(position + buffer.length, inode.badFrom);
		if (position >= end && inode.badFrom < inode.bytes.length) {
			this.#events.refused('bad-sector');
			throw failure('EIO', path);
		}
		const bytes = inode.bytes.subarray(position, end);
		buffer.set(bytes);
		return bytes.length;
	}

	write(file: number, bytes: Uint8Array, position: number): void {
		const { inode, path } = this.#file(file);
		this.#events.before('write', path);
		const wanted = Math.max(0, position + bytes.length - inode.bytes.length);
		const missing = wanted > 0 ? wanted - this.#events.grow(wanted) : 0;
		const written = bytes.subarray(0, Math.max(0, bytes.length - missing));
		const grown = new Uint8Array(Math.max(inode.bytes.length, position + written.length));
		grown.set(inode.bytes);
		grown.set(written, position);
		if (written.length > 0) {
			this.#disk.setBytes(inode, grown);
			inode.isDaemons = true;
		}
		if (missing > 0) throw failure('ENOSPC', path);
		this.#events.changed('write', path);
	}

	truncate(file: number, size: number): void {
		const { inode, path } = this.#file(file);
		this.#events.before('truncate', path);
		if (inode.bytes.length === size) return;
		const bytes = new Uint8Array(size);
		bytes.set(inode.bytes.subarray(0, size));
		this.#disk.setBytes(inode, bytes);
		inode.isDaemons = true;
		this.#events.changed('truncate', path);
	}

	syncFile(file: number): void {
		const { inode, path } = this.#file(file);
		this.#events.before('sync', path);
		this.#disk.syncFile(inode);
	}

	close(file: number): void {
		this.#open.delete(file);
	}

	syncFolder(path: string): void {
		this.#events.before('sync', path);
		this.#disk.syncFolder(this.#follow(path));
	}

	async syncAll(path: string): Promise<void> {
		this.#events.before('sync', path);
		if (!this.#syncsAll) throw failure('ENOSYS', path);
		this.#disk.syncAll();
	}

	link(from: string, to: string): void {
		this.#events.before('link', to);
		this.#refuseIn(to);
		this.#disk.link(from, to);
		this.#events.placed(to, this.#disk.get(to));
		this.#events.changed('link', to);
	}

	rename(from: string, to: string): void {
		this.#events.before('rename', to, from);
		this.#refuseIn(from);
		this.#refuseIn(to);
		this.#disk.rename(from, to);
		this.#events.placed(to, this.#disk.get(to));
		this.#events.changed('rename-from', from);
		this.#events.changed('rename', to);
	}

	unlink(path: string): void {
		this.#events.before('unlink', path);
		this.#refuseIn(path);
		this.#disk.unlink(path);
		this.#events.changed('unlink', path);
	}

	makeFolder(path: string): void {
		this.#events.before('mkdir', path);
		this.#refuseIn(path);
		this.#disk.create(path, 'folder', { mode: 0o755 });
		this.#events.changed('mkdir', path);
	}

	removeFolder(path: string): void {
		this.#events.before('rmdir', path);
		this.#refuseIn(path);
		this.#disk.removeFolder(path);
		this.#events.changed('rmdir', path);
	}

	symlink(target: string, path: string): void {
		this.#events.before('symlink', path);
		this.#refuseIn(path);
		this.#disk.create(path, 'symlink', { mode: 0o777, target });
		this.#events.changed('symlink', path);
	}

	setMtime(path: string, mtime: Mtime): void {
		this.#events.before('utimes', path);
		const inode = this.#disk.get(path);
		const microseconds = BigInt(mtime) / 1000n;
		// Node takes seconds as a double: what it sets lies somewhere within the microsecond.
		this.#disk.setTimes(inode, microseconds * 1000n + (microseconds % 1000n));
		this.#events.changed('utimes', path);
	}

	setMode(path: string, mode: number): void {
		this.#events.before('chmod', path);
		this.#disk.setMode(this.#disk.get(path), mode);
		this.#events.changed('chmod', path);
	}

	#follow(path: string): Inode {
		return this.#disk.get(`${path}/.`);
	}

	#refuse({ broken }: Inode, path: string): void {
		if (!broken) return;
		this.#events.refused(broken);
		throw failure(broken, path);
	}

	#refuseIn(path: string): void {
		const { folder } = this.#disk.place(path);
		this.#refuse(folder, path);
	}
}

function toEntry(name: string, inode: Inode): DiskEntry {
	const { kind, device, number, birth, mtime, ctime, mode, target, bytes } = inode;
	const size = kind === 'file' ? bytes.length : (target?.length ?? NOTHING.length);
	return {
		name,
		kind,
		device,
		identity: `${device}:${number}:${birth}`,
		stamp: kind === 'folder' ? '' : `${size}:${mtime}:${ctime}:${mode}`,
		size,
		mtime: String(mtime) as Mtime,
		ctime,
		exec: (mode & 0o100) !== 0,
		mode: mode & 0o777,
		target,
		links: inode.links,
	};
}
