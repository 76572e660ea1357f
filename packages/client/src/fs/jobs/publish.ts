import { dirname, join } from 'node:path';
import type { Mtime } from '@mydropbox/protocol';
import { contentStamp, type DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';

/** What must be at the path for a change to be made; null: nothing. */
export type Expected = Pick<DiskEntry, 'identity' | 'stamp' | 'size' | 'mtime'> | null;

/** What shall be at a path. */
export type Material =
	| { readonly kind: 'folder' }
	| { readonly kind: 'symlink'; readonly target: string; readonly mtime: Mtime }
	| {
			readonly kind: 'file';
			/** Whole in memory, in pieces; or in a temporary file, staged. */
			readonly source: { readonly pieces: readonly Uint8Array[] } | { readonly staged: string };
			readonly size: number;
			readonly mtime: Mtime;
			readonly exec: boolean;
	  };

export type Change =
	| {
			readonly do: 'write';
			readonly path: string;
			readonly expected: Expected;
			readonly material: Material;
			/** Where to put what is at the path; nothing may be there yet. */
			readonly displacedTo: string | null;
			/** Where to put a version that a program wrote in the very moment of the change. */
			readonly rescueTo: string;
	  }
	| {
			readonly do: 'touch';
			readonly path: string;
			readonly expected: Expected;
			readonly mtime: Mtime;
			readonly exec: boolean | null;
	  }
	| { readonly do: 'move'; readonly path: string; readonly expected: Expected; readonly to: string }
	| {
			readonly do: 'delete';
			readonly path: string;
			readonly expected: Expected;
			readonly folder: boolean;
			readonly rescueTo: string;
	  };

export type PublishResult =
	/** The change is made and durable. `entry` is what is there now; null after a delete. */
	| { readonly entry: DiskEntry | null; readonly rescued: boolean }
	/** Nothing was done, because the disk is not as expected: look again. */
	| { readonly surprise: string }
	| { readonly error: string };

/** Thrown when the disk is not as expected; nothing has been done then. */
class Surprise extends Error {}

/**
 * Makes changes in the synced folder. No path ever shows half a version: bytes are complete and durable in a temporary
 * file before they get their name. What was at a path is kept under a second name until it is certain that it is the
 * version we knew; if a program has just written to it, it goes to `rescueTo`.
 *
 * @param tempDir a folder on the same file system; `keep-SIZE-MTIME-N` in it are versions being replaced (see recover.ts).
 */
export function publish(fs: Fs, tempDir: string, changes: readonly Change[]): PublishResult[] {
	const prepared = changes.map((change) => attempt(() => prepare(fs, tempDir, change)));
	const folders = new Set<string>();
	const results = changes.map((change, index): PublishResult => {
		const temp = prepared[index]!;
		if (!('value' in temp)) return temp;
		const result = attempt(() => apply(fs, tempDir, change, temp.value));
		if ('error' in result || 'surprise' in result) {
			if (temp.value) attempt(() => fs.unlink(temp.value!));
			return result;
		}
		folders.add(dirname(change.path));
		if (change.do === 'move') folders.add(dirname(change.to));
		return result.value;
	});
	for (const folder of folders) attempt(() => fs.syncFolder(folder));
	return results;
}

function attempt<T>(work: () => T): { value: T } | { surprise: string } | { error: string } {
	try {
		return { value: work() };
	} catch (error) {
		if (error instanceof Surprise) return { surprise: error.message };
		const code = errorCode(error);
		// Somebody was faster than our look at the disk.
		return code === 'ENOENT' || code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'ENOTDIR'
			? { surprise: code }
			: { error: code };
	}
}

/** Brings the new bytes to the disk, durably, under a temporary name. */
function prepare(fs: Fs, tempDir: string, change: Change): string | null {
	if (change.do !== 'write' || change.material.kind === 'folder') return null;
	const { material } = change;
	if (material.kind === 'symlink') {
		const temp = join(tempDir, `new-${fs.ownName()}`);
		fs.symlink(material.target, temp);
		fs.setMtime(temp, material.mtime);
		return temp;
	}
	const temp = 'staged' in material.source ? material.source.staged : join(tempDir, `new-${fs.ownName()}`);
	if ('staged' in material.source && !fs.stat(temp)) throw new Surprise('the staged file is gone');
	const file = fs.openWrite(temp);
	try {
		if ('pieces' in material.source) {
			let position = 0;
			for (const piece of material.source.pieces) {
				fs.write(file, piece, position);
				position += piece.length;
			}
		}
		fs.truncate(file, material.size);
		const replaced = change.expected ? fs.stat(change.path) : undefined;
		fs.setMode(temp, withExec(replaced?.mode ?? fs.stat(temp)!.mode, material.exec));
		fs.setMtime(temp, material.mtime);
		fs.syncFile(file);
	} finally {
		fs.close(file);
	}
	return temp;
}

function apply(fs: Fs, tempDir: string, change: Change, temp: string | null): PublishResult {
	expect(fs, change.path, change.expected);
	switch (change.do) {
		case 'write':
			return temp === null ? makeFolder(fs, change.path) : write(fs, tempDir, change, temp);
		case 'touch':
			if (change.exec !== null) fs.setMode(change.path, withExec(fs.stat(change.path)!.mode, change.exec));
			fs.setMtime(change.path, change.mtime);
			return { entry: fs.stat(change.path)!, rescued: false };
		case 'move':
			return move(fs, change.path, change.to);
		case 'delete':
			return remove(fs, tempDir, change);
	}
}

/** Whoever may read it may execute it; all else about the permissions stays as it is on this device. */
const withExec = (mode: number, exec: boolean): number => (exec ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);

function expect(fs: Fs, path: string, expected: Expected): void {
	const there = fs.stat(path);
	const same = expected ? there?.identity === expected.identity && there.stamp === expected.stamp : !there;
	if (!same) throw new Surprise(there ? 'changed' : 'gone');
}

function makeFolder(fs: Fs, path: string): PublishResult {
	fs.makeFolder(path);
	return { entry: fs.stat(path)!, rescued: false };
}

function write(fs: Fs, tempDir: string, change: Change & { do: 'write' }, temp: string): PublishResult {
	const { path, expected, displacedTo, rescueTo } = change;
	let rescued = false;
	if (!expected) {
		fs.link(temp, path);
		fs.unlink(temp);
	} else if (displacedTo) {
		fs.link(path, displacedTo);
		fs.rename(temp, path);
	} else {
		const keep = keepName(fs, tempDir, expected);
		fs.link(path, keep);
		fs.rename(temp, path);
		rescued = letGo(fs, keep, expected, rescueTo);
	}
	return { entry: fs.stat(path)!, rescued };
}

/** Files get their new name before they lose the old one, since a rename would replace what is there. */
function move(fs: Fs, path: string, to: string): PublishResult {
	if (fs.stat(to)) throw new Surprise('the new name is taken');
	if (fs.stat(path)!.kind === 'folder') fs.rename(path, to);
	else {
		fs.link(path, to);
		fs.unlink(path);
	}
	return { entry: fs.stat(to)!, rescued: false };
}

function remove(fs: Fs, tempDir: string, change: Change & { do: 'delete' }): PublishResult {
	if (change.folder) {
		fs.removeFolder(change.path);
		return { entry: null, rescued: false };
	}
	const keep = keepName(fs, tempDir, change.expected!);
	fs.rename(change.path, keep);
	return { entry: null, rescued: letGo(fs, keep, change.expected!, change.rescueTo) };
}

const keepName = (fs: Fs, tempDir: string, expected: NonNullable<Expected>): string =>
	join(tempDir, `keep-${contentStamp(expected)}-${fs.ownName()}`);

/** @returns whether it had been written to, and so was put where people see it. */
function letGo(fs: Fs, keep: string, expected: NonNullable<Expected>, rescueTo: string): boolean {
	const now = fs.stat(keep)!;
	const written = contentStamp(now) !== contentStamp(expected);
	if (written) fs.link(keep, rescueTo);
	fs.unlink(keep);
	return written;
}
