import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Replaces a small file so that after a crash it is the old one or the new one, whole; only its user may read it. */
export function writeDurably(path: string, text: string): void {
	const temporary = `${path}.new`;
	const file = openSync(temporary, 'w', 0o600);
	try {
		writeSync(file, text);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(temporary, path);
}
