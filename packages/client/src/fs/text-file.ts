import type { Fs } from './port.ts';

/** Nobody of us has a text file longer than this. */
const MOST_BYTES = 4096;
/** Used again by each reader: nothing else comes between reading into it and decoding it. */
const buffer = Buffer.alloc(MOST_BYTES);

export function readText(fs: Fs, path: string): string {
	const file = fs.openRead(path);
	try {
		return buffer.toString('utf8', 0, fs.read(file, buffer, 0));
	} finally {
		fs.close(file);
	}
}

/** The text is durable, its name is not yet. */
export function writeText(fs: Fs, path: string, text: string): void {
	const bytes = Buffer.from(text);
	const file = fs.openWrite(path);
	try {
		fs.write(file, bytes, 0);
		fs.truncate(file, bytes.length);
		fs.syncFile(file);
	} finally {
		fs.close(file);
	}
}
