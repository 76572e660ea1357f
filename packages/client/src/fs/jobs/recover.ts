import { dirname, join } from 'node:path';
import type { DiskEntry } from '../entry.ts';
import type { Fs } from '../port.ts';
import type { Known } from './change.ts';
import { makeNamesDurable, syncsAll } from './durable.ts';
import { compare, giveBack, keptVersion, takesName } from './kept.ts';
import { giveUpName } from './second-names.ts';

/** What a file is called whose commit is still to come. */
export const ARRIVING = 'arriving-';
/** A download that nobody has gone on with for so long is not wanted any more: one that was, and one that might be. */
const KEEP_MS = { 'get-': 7 * 24 * 3600 * 1000, [ARRIVING]: 3600 * 1000 };

/** Something that was about to be moved when the daemon died. Paths are absolute. */
export interface HalfMove {
	readonly from: string;
	readonly to: string;
	readonly file: Known;
	/** `to` is not where it was to stay: by way of it, it was to get another spelling of its name. */
	readonly isOnTheWay: boolean;
}

/**
 * Takes the new name away from files that still have the old one, too: they would look like two. What was on its way goes
 * back. When it resolves, that is durable, and so is what the dead daemon had done: soon nobody knows of either, should a
 * power cut take it back.
 */
export async function undoHalfMoves(fs: Fs, tempDir: string, moves: readonly HalfMove[]): Promise<void> {
	for (const { from, to, file, isOnTheWay } of moves) {
		try {
			if (fs.stat(from)?.identity === file.identity) giveUpName(fs, tempDir, to, file, to);
			else if (isOnTheWay && fs.stat(to)?.identity === file.identity) takesName(fs, to, from);
		} catch {
			// It shows as two files then, or under the other name; nothing is lost.
		}
	}
	const folders = new Set(moves.flatMap(({ from, to }) => [dirname(from), dirname(to)]));
	if (!(await syncsAll(fs, tempDir))) await makeNamesDurable(fs, tempDir, folders);
}

/**
 * Tidies the temporary folder after a crash, or after a disk that refused a step. Half-written new files go; staged
 * downloads stay, to be gone on with, unless they have got their name. A version that was just being replaced goes too
 * when it still is the one we knew, which the server has, or when it has another name; one that a program had written to
 * comes back into the folder. What cannot be read, and so could be either, waits for the next run.
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
	const version = keptVersion(entry.name);
	if (version) {
		const alone = () => (entry.links > 1 ? 'as-known' : compare(fs, path, version));
		const found = entry.kind === 'folder' ? 'written' : alone();
		if (found === 'written') return giveBack(fs, path, folder);
		if (found === 'as-known') fs.unlink(path);
	} else if (entry.name.startsWith('new-') || isUnwanted(fs, entry)) fs.unlink(path);
	return undefined;
}

/** With a second name it is somebody's file by now: to write into it would be to write into that. */
function isUnwanted(fs: Fs, { name, links, ctime }: DiskEntry): boolean {
	const kept = Object.entries(KEEP_MS).find(([prefix]) => name.startsWith(prefix));
	return kept !== undefined && (links > 1 || fs.now() - Number(ctime / 1_000_000n) > kept[1]);
}
