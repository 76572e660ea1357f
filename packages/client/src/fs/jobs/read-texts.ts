import { isUtf8 } from 'node:buffer';
import type { Fs } from '../port.ts';
import { errorCode } from './list.ts';

export type TextResult =
	| { readonly text: string; readonly stamp: string }
	/** Gone, replaced, or written while it was read: look again. */
	| { readonly changed: true }
	/** ENOTEXT: not UTF-8. EFBIG: longer than any text that people write. */
	| { readonly error: string };

const LONGEST_BYTES = 256 * 1024;

/** Small texts, each as it was at one moment: stat, read, stat. */
export function readTexts(fs: Fs, paths: readonly string[]): TextResult[] {
	return paths.map((path) => {
		try {
			return readText(fs, path);
		} catch (error) {
			const code = errorCode(error);
			return code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' ? { changed: true } : { error: code };
		}
	});
}

function readText(fs: Fs, path: string): TextResult {
	const before = fs.stat(path);
	if (before?.kind !== 'file') return { changed: true };
	if (before.size > LONGEST_BYTES) return { error: 'EFBIG' };
	const bytes = Buffer.alloc(before.size);
	const file = fs.openRead(path);
	try {
		for (let done = 0; done < bytes.length; ) {
			const count = fs.read(file, bytes.subarray(done), done);
			if (count === 0) return { changed: true };
			done += count;
		}
	} finally {
		fs.close(file);
	}
	const after = fs.stat(path);
	if (after?.identity !== before.identity || after.stamp !== before.stamp) return { changed: true };
	return isUtf8(bytes) ? { text: bytes.toString('utf8'), stamp: after.stamp } : { error: 'ENOTEXT' };
}
