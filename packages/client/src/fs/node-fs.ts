import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { threadId } from 'node:worker_threads';
import type { Mtime } from '@mydropbox/protocol';
import type { DiskEntry } from './entry.ts';
import type { Fs, Unreachable } from './port.ts';
import { WholeDiskSync } from './whole-disk-sync.ts';

let names = 0;
const syncs = new Map<string, WholeDiskSync>();

/** The real disk. */
export const nodeFs: Fs = {
	stat(path) {
		const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
		return stats && toEntry(path, path.slice(path.lastIndexOf('/') + 1), stats);
	},
	list(path) {
		const entries: DiskEntry[] = [];
		const unreachable: Unreachable[] = [];
		for (const name of fs.readdirSync(path)) {
			const each = `${path}/${name}`;
			try {
				const stats = fs.lstatSync(each, { bigint: true, throwIfNoEntry: false });
				const entry = stats && toEntry(each, name, stats);
				if (entry) entries.push(entry);
				else if (name.includes('\ufffd')) unreachable.push({ name, code: 'EILSEQ' });
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
				unreachable.push({ name, code: 'ENAMETOOLONG' });
			}
		}
		return { entries, unreachable };
	},
	read: (file, buffer, position) => fs.readSync(file, buffer, 0, buffer.length, position),
	openRead: (path) => fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW),
	openWrite: (path) => fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o644),
	openNew: (path) => fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o644),
	write(file, bytes, position) {
		for (let done = 0; done < bytes.length; ) {
			done += fs.writeSync(file, bytes, done, bytes.length - done, position + done);
		}
	},
	truncate: (file, size) => fs.ftruncateSync(file, size),
	syncFile: (file) => fs.fsyncSync(file),
	close: (file) => fs.closeSync(file),
	syncFolder(path) {
		const folder = fs.openSync(path, fs.constants.O_RDONLY);
		try {
			fs.fsyncSync(folder);
		} finally {
			fs.closeSync(folder);
		}
	},
	syncAll(path) {
		const sync = syncs.get(path) ?? new WholeDiskSync(path);
		syncs.set(path, sync);
		return sync.run();
	},
	link: (from, to) => fs.linkSync(from, to),
	rename: (from, to) => fs.renameSync(from, to),
	unlink: (path) => fs.unlinkSync(path),
	makeFolder: (path) => fs.mkdirSync(path),
	removeFolder: (path) => fs.rmdirSync(path),
	symlink: (target, path) => fs.symlinkSync(target, path),
	setMtime(path, mtime) {
		const seconds = toSeconds(mtime);
		fs.lutimesSync(path, seconds, seconds);
	},
	setMode: (path, mode) => fs.chmodSync(path, mode),
	freeBytes(path) {
		const { blocks, bavail, bsize } = fs.statfsSync(path);
		return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
	},
	ownName: () => `${process.pid}.${threadId}.${++names}`,
	now: () => Date.now(),
};

function toEntry(path: string, name: string, stats: fs.BigIntStats): DiskEntry | undefined {
	const kind = kindOf(stats);
	let target: string | null = null;
	if (kind === 'symlink') {
		try {
			const bytes = fs.readlinkSync(path, { encoding: 'buffer' });
			target = isUtf8(bytes) ? bytes.toString() : null;
		} catch (error) {
			// Only what is gone may be left out: a missing name is taken for a deleted one.
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			throw error;
		}
	}
	return {
		name,
		kind,
		device: String(stats.dev),
		identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`,
		stamp: kind === 'folder' ? '' : `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.mode}`,
		size: Number(stats.size),
		mtime: String(stats.mtimeNs) as Mtime,
		ctime: stats.ctimeNs,
		exec: (stats.mode & 0o100n) !== 0n,
		mode: Number(stats.mode & 0o777n),
		target,
		links: Number(stats.nlink),
	};
}

function kindOf(stats: fs.BigIntStats): DiskEntry['kind'] {
	if (stats.isFile()) return 'file';
	if (stats.isDirectory()) return 'folder';
	return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/**
 * Node takes seconds as a double, which holds about a quarter of a microsecond today: aimed at the middle of the right
 * microsecond, it cannot miss it.
 */
function toSeconds(mtime: Mtime): number {
	const microseconds = Number(BigInt(mtime) / 1000n);
	return (microseconds + 0.5) / 1_000_000;
}
