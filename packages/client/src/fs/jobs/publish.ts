import { basename, dirname, join } from 'node:path';
import { contentStamp, type DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import type { Change, Done, Expected, Material, PublishResult } from './change.ts';
import { makeDurable, makeNamesDurable } from './durable.ts';
import { keepName } from './kept.ts';
import { errorCode } from './list.ts';
import { giveUpName, isOne, letGo } from './second-names.ts';

type NewFile = Material & { kind: 'file' };

/** Thrown when the disk is not as expected; nothing has been done then. */
class Surprise extends Error {}

/**
 * Makes changes in the synced folder. No path ever shows half a version: bytes are complete and durable in a temporary
 * file before they get their name. What was at a path is kept under a second name until it is certain that it is the
 * version we knew; if a program has just written to it, it goes to `rescueTo`.
 *
 * @param tempDir a folder on the same file system; `keep-…` in it are versions being replaced (see kept.ts).
 */
export async function publish(fs: Fs, tempDir: string, changes: readonly Change[]): Promise<PublishResult[]> {
	const prepared = changes.map((change) => attempt(() => prepare(fs, tempDir, change)));
	const temps = prepared.flatMap((temp) => ('value' in temp && temp.value !== null ? [temp.value] : []));
	const unsynced = await makeDurable(fs, tempDir, temps);
	const folders = new Set<string>();
	const results = changes.map((change, index): PublishResult => {
		const temp = prepared[index]!;
		if (!('value' in temp)) return temp;
		const result = attempt(() => {
			if (temp.value !== null && unsynced.has(temp.value)) throw unsynced.get(temp.value);
			return apply(fs, tempDir, change, temp.value);
		});
		if ('error' in result || 'surprise' in result) {
			if (isOwn(change)) attempt(() => temp.value && fs.unlink(temp.value));
			return result;
		}
		folders.add(dirname(change.path));
		if (change.do === 'move') folders.add(dirname(change.to));
		return result.value;
	});
	await makeNamesDurable(fs, tempDir, folders);
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

/** Whether the temporary file was made here. One that was staged has taken a download, and is good for the next try. */
const isOwn = (change: Change): boolean =>
	change.do === 'write' && !(change.material.kind === 'file' && 'staged' in change.material.source);

/** Brings the new bytes to the disk under a temporary name. */
function prepare(fs: Fs, tempDir: string, change: Change): string | null {
	if (change.do !== 'write' || change.material.kind === 'folder') return null;
	const { material } = change;
	if (material.kind === 'file' && 'staged' in material.source) {
		// With a second name it is published already, and somebody's file.
		if (fs.stat(material.source.staged)?.links !== 1) throw new Surprise('the staged file is gone');
		fill(fs, material.source.staged, fs.openWrite(material.source.staged), change, material);
		return material.source.staged;
	}
	const temp = join(tempDir, `new-${fs.ownName()}`);
	try {
		// Never into what a daemon of the same number left: by now it may be somebody's file, under a second name.
		if (material.kind === 'file') fill(fs, temp, fs.openNew(temp), change, material);
		else {
			fs.symlink(material.target, temp);
			fs.setMtime(temp, material.mtime);
		}
		return temp;
	} catch (error) {
		// On a full disk, what is half written would keep it full.
		attempt(() => fs.unlink(temp));
		throw error;
	}
}

function fill(fs: Fs, temp: string, file: number, { path, expected }: Change, material: NewFile): void {
	const { source, size, exec, mtime } = material;
	const isNew = 'pieces' in source;
	try {
		if (isNew) {
			let position = 0;
			for (const piece of source.pieces) {
				fs.write(file, piece, position);
				position += piece.length;
			}
		} else fs.truncate(file, size);
		// What is new, and not to be executed, has had the right permissions from its beginning.
		if (!isNew || expected || exec) {
			const replaced = expected ? fs.stat(path) : undefined;
			fs.setMode(temp, withExec(replaced?.mode ?? fs.stat(temp)!.mode, exec));
		}
		fs.setMtime(temp, mtime);
	} finally {
		fs.close(file);
	}
}

function apply(fs: Fs, tempDir: string, change: Change, temp: string | null): Done {
	// Where nothing may be, the call that takes the name finds out by itself.
	const there = change.expected ? expect(fs, change.path, change.expected) : undefined;
	switch (change.do) {
		case 'write':
			return temp === null ? makeFolder(fs, change) : write(fs, tempDir, change, temp);
		case 'touch':
			return touch(fs, change, there!);
		case 'move':
			return move(fs, tempDir, change, there!);
		case 'delete':
			return remove(fs, tempDir, change);
	}
}

/** Whoever may read it may execute it; all else about the permissions stays as it is on this device. */
const withExec = (mode: number, exec: boolean): number => (exec ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);

function expect(fs: Fs, path: string, expected: NonNullable<Expected>): DiskEntry {
	const there = fs.stat(path);
	const same = there && isOne(there, expected) && there.stamp === expected.stamp;
	if (!same) throw new Surprise(there ? 'changed' : 'gone');
	return there;
}

/**
 * A person may have brought another folder to the path of the one that was meant. To be asked after something was put
 * there: before, it would say nothing about that moment. What has left with the right folder since is where it belongs.
 */
function mustBeIn(fs: Fs, folder: string, path: string, { identity }: DiskEntry): void {
	const isThere = fs.stat(dirname(path))?.identity === folder;
	if (!isThere && fs.stat(path)?.identity === identity) throw new Surprise('in another folder');
}

/** In another folder it stays: whoever took it back could take a person's. */
function makeFolder(fs: Fs, { path, into }: Change & { do: 'write' }): Done {
	fs.makeFolder(path);
	const entry = fs.stat(path);
	if (!entry) throw new Surprise('gone');
	mustBeIn(fs, into, path, entry);
	return { entry, again: false };
}

/** What a program writes between our look and the new times cannot be told apart from them: it has to be read again. */
function touch(fs: Fs, { path, exec, mtime }: Change & { do: 'touch' }, there: DiskEntry): Done {
	if (exec !== null) fs.setMode(path, withExec(there.mode, exec));
	fs.setMtime(path, mtime);
	return { entry: unseen(fs.stat(path)!), again: true };
}

function write(fs: Fs, tempDir: string, change: Change & { do: 'write' }, temp: string): Done {
	const { path, expected, into, displacedTo, rescueTo } = change;
	const made = fs.stat(temp)!;
	let rescued = false;
	if (!expected) {
		fs.link(temp, path);
		orUndo(
			() => mustBeIn(fs, into, path, made),
			() => {
				// Our own name is no safe place for what a program writes to it now.
				fs.unlink(temp);
				giveUpName(fs, tempDir, path, { ...made, content: null }, path);
			},
		);
		fs.unlink(temp);
	} else if (displacedTo) {
		fs.link(path, displacedTo);
		orUndo(
			() => swap(fs, temp, change, displacedTo),
			() => giveUpName(fs, tempDir, displacedTo, expected, rescueTo!),
		);
	} else {
		const keep = keepName(fs, tempDir, expected);
		fs.link(path, keep);
		orUndo(
			() => swap(fs, temp, change, keep),
			() => fs.unlink(keep),
		);
		rescued = letGo(fs, keep, expected, rescueTo!);
	}
	return present(fs, path, made, rescued);
}

/**
 * Puts the new file over the old one, of which `second` is another name. A last look makes sure that it is: only what a
 * program puts there by a rename between this look and the next call would be lost; Node has no exchange of names.
 */
function swap(fs: Fs, temp: string, { path, expected }: Change & { do: 'write' }, second: string): void {
	const kept = fs.stat(second);
	const there = fs.stat(path);
	if (there?.identity !== expected!.identity || kept?.identity !== expected!.identity) throw new Surprise('changed');
	fs.rename(temp, path);
}

function orUndo<T>(work: () => T, undo: () => void): T {
	try {
		return work();
	} catch (error) {
		attempt(undo);
		throw error;
	}
}

/** Files get their new name before they lose the old one, since a rename would replace what is there. */
function move(fs: Fs, tempDir: string, change: Change & { do: 'move' }, there: DiskEntry): Done {
	const { path, to, into, expected, respells, rescueTo } = change;
	const taken = fs.stat(to);
	if (taken && respells && taken.identity === there.identity) return respell(fs, tempDir, change, there);
	if (taken) throw new Surprise('EEXIST');
	let rescued = false;
	if (there.kind === 'folder') {
		fs.rename(path, to);
		orUndo(
			() => mustBeIn(fs, into, to, there),
			() => fs.stat(to)?.identity === there.identity && !fs.stat(path) && fs.rename(to, path),
		);
	} else {
		fs.link(path, to);
		rescued = orUndo(
			() => {
				mustBeIn(fs, into, to, there);
				return giveUpName(fs, tempDir, path, expected!, rescueTo);
			},
			() => fs.stat(path)?.identity === there.identity && giveUpName(fs, tempDir, to, expected!, rescueTo),
		);
	}
	return present(fs, to, there, rescued);
}

/**
 * The disk finds the thing under both spellings. Some disks do nothing then; there it goes by way of another name. Whoever
 * takes its own for a new file meanwhile has it: both spellings are taken then, and the thing stays at `rescueTo`.
 */
function respell(fs: Fs, tempDir: string, change: Change & { do: 'move' }, there: DiskEntry): Done {
	const { path, to, rescueTo } = change;
	fs.rename(path, to);
	const isThere = fs.list(dirname(to)).entries.some(({ name }) => name === basename(to));
	if (isThere) return present(fs, to, there, false);
	const aside = move(fs, tempDir, { ...change, to: rescueTo }, there);
	const back = move(fs, tempDir, { ...change, path: rescueTo }, there);
	return { ...back, again: aside.again || back.again };
}

function remove(fs: Fs, tempDir: string, { path, expected, folder, rescueTo }: Change & { do: 'delete' }): Done {
	if (folder) {
		fs.removeFolder(path);
		return { entry: null, again: false };
	}
	const keep = keepName(fs, tempDir, expected!);
	fs.rename(path, keep);
	// What was just written to it has its name again.
	return { entry: null, again: letGo(fs, keep, expected!, path, rescueTo) };
}

/** What we left at a path. Where it is another by now, or gone, it gets a stamp that the next look finds changed. */
function present(fs: Fs, path: string, made: DiskEntry, rescued: boolean): Done {
	const there = fs.stat(path);
	const isWhole = (entry: DiskEntry) => entry.mode === made.mode && contentStamp(entry) === contentStamp(made);
	if (there?.identity === made.identity && (made.kind === 'folder' || isWhole(there)))
		return { entry: there, again: rescued };
	return { entry: unseen({ ...made, name: basename(path) }), again: true };
}

/** No look finds this stamp. */
const unseen = (entry: DiskEntry): DiskEntry => ({ ...entry, stamp: `${entry.stamp}:unseen` });
