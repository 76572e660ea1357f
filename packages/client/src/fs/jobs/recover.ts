import { join } from 'node:path';
import { contentStamp } from '../entry.ts';
import type { Fs } from '../port.ts';

/** A download that nobody has gone on with for so long is not wanted any more. */
const KEEP_STAGED_MS = 7 * 24 * 3600 * 1000;

/**
 * Tidies the temporary folder after a crash. Half-written new files go; staged downloads stay, to be gone on with.
 * A version that was just being replaced goes too when it still is the one we knew, which the server has; one that
 * a program had written to comes back into the folder.
 * @returns names of what came back.
 */
export function recover(fs: Fs, tempDir: string, folder: string): string[] {
	const back: string[] = [];
	for (const entry of fs.list(tempDir).entries) {
		const path = join(tempDir, entry.name);
		const age = fs.now() - Number(entry.ctime / 1_000_000n);
		if (entry.name.startsWith('new-') || (entry.name.startsWith('get-') && age > KEEP_STAGED_MS)) fs.unlink(path);
		const kept = /^keep-(\d+--?\d+)-\d+\.\d+\.\d+$/.exec(entry.name);
		if (!kept) continue;
		if (contentStamp(entry) !== kept[1]) {
			const name = `recovered ${entry.name.slice(5)}`;
			fs.link(path, join(folder, name));
			back.push(name);
		}
		fs.unlink(path);
	}
	return back;
}
