import { basename, join } from 'node:path';
import { contentStamp, type DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';

/** A download that nobody has gone on with for so long is not wanted any more. */
const KEEP_STAGED_MS = 7 * 24 * 3600 * 1000;

/** A file that was about to be moved when the daemon died. Paths are absolute. */
export interface HalfMove {
	readonly from: string;
	readonly to: string;
	readonly identity: string;
}

/** Takes the new name away from files that still have the old one, too: they would look like two. */
export function undoHalfMoves(fs: Fs, moves: readonly HalfMove[]): void {
	for (const { from, to, identity } of moves) {
		try {
			if (fs.stat(from)?.identity === identity && fs.stat(to)?.identity === identity) fs.unlink(to);
		} catch {
			// It shows as two files then; nothing is lost.
		}
	}
}

/**
 * Tidies the temporary folder after a crash, or after a disk that refused a step. Half-written new files go; staged
 * downloads stay, to be gone on with, unless they have got their name. A version that was just being replaced goes too
 * when it still is the one we knew, which the server has, or when it has another name; one that a program had written to
 * comes back into the folder.
 * MUST NOT run beside `publish`. A crash in the middle is no harm: the next run goes on.
 * @returns names of what came back.
 */
export function recover(fs: Fs, tempDir: string, folder: string): string[] {
	return fs.list(tempDir).entries.flatMap((entry) => {
		try {
			return tidy(fs, tempDir, folder, entry) ?? [];
		} catch {
			// One bad file stops nobody; it is tried again next time.
			return [];
		}
	});
}

function tidy(fs: Fs, tempDir: string, folder: string, entry: DiskEntry): string | undefined {
	const path = join(tempDir, entry.name);
	const kept = /^keep-(\d+--?\d+)-\d+\.\d+\.\d+$/.exec(entry.name);
	const isLeftOver = entry.name.startsWith('new-') || (entry.name.startsWith('get-') && isUnwanted(fs, entry));
	if (!kept && !isLeftOver) return undefined;
	const isPersons = entry.kind === 'folder' || (contentStamp(entry) !== kept?.[1] && entry.links === 1);
	if (!kept || !isPersons) {
		fs.unlink(path);
		return undefined;
	}
	return giveBack(fs, path, folder);
}

/**
 * Brings something that was kept to where people see it: a version, or a folder that came to its place just before.
 * @param name that it gets unless somebody has it: then it gets one that is free.
 * @returns its name.
 */
export function giveBack(fs: Fs, kept: string, folder: string, name = recoveredName(kept)): string {
	for (let number = 1; ; number++) {
		const to = number === 1 ? name : recoveredName(kept, number);
		if (takesName(fs, kept, join(folder, to))) return to;
	}
}

/** @returns false when it is taken. */
function takesName(fs: Fs, kept: string, to: string): boolean {
	if (fs.stat(kept)?.kind === 'folder') {
		if (fs.stat(to)) return false;
		fs.rename(kept, to);
		return true;
	}
	try {
		fs.link(kept, to);
	} catch (error) {
		if (errorCode(error) === 'EEXIST') return false;
		throw error;
	}
	fs.unlink(kept);
	return true;
}

/** With a second name it is somebody's file by now: to write into it would be to write into that. */
const isUnwanted = (fs: Fs, { links, ctime }: DiskEntry): boolean =>
	links > 1 || fs.now() - Number(ctime / 1_000_000n) > KEEP_STAGED_MS;

function recoveredName(kept: string, number = 1): string {
	const name = `recovered ${basename(kept).slice('keep-'.length)}`;
	return number === 1 ? name : `${name} ${number}`;
}
