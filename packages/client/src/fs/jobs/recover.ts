import { join } from 'node:path';
import { contentStamp, type DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';

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
	const back = recoveredName(entry.name);
	giveBack(fs, path, join(folder, back));
	return back;
}

/**
 * Brings something that was kept to where people see it: a version, or a folder that came to its place just before.
 * @throws EEXIST when the name is taken.
 */
export function giveBack(fs: Fs, kept: string, to: string): void {
	if (fs.stat(kept)?.kind === 'folder') {
		if (fs.stat(to)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
		fs.rename(kept, to);
	} else {
		fs.link(kept, to);
		fs.unlink(kept);
	}
}

/** With a second name it is somebody's file by now: to write into it would be to write into that. */
const isUnwanted = (fs: Fs, { links, ctime }: DiskEntry): boolean =>
	links > 1 || fs.now() - Number(ctime / 1_000_000n) > KEEP_STAGED_MS;

/** Of a version that was kept as `keep-…` and comes back into the folder. */
export const recoveredName = (kept: string): string => `recovered ${kept.slice('keep-'.length)}`;
