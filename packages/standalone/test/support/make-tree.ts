import { createHash } from 'node:crypto';
import { chmod, lutimes, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that do not compress and are the same for the same seed. */
export function bytesOf(seed: string, size: number): Buffer {
	const piece = createHash('sha512').update(seed).digest();
	const bytes = Buffer.alloc(size);
	for (let at = 0; at < size; at += 64) {
		piece.writeUInt32LE(at, 0);
		createHash('sha512').update(piece).digest().copy(bytes, at);
	}
	return bytes;
}

const NAMES = [
	'plan',
	'Über uns',
	'日本語',
	'emoji 🎉',
	'a b  c',
	'x'.repeat(200),
	'-dash',
	'.hidden',
	'tab\tname',
	"quote's",
];

/**
 * A tree with what real ones have: nested and empty folders, names of all kinds, empty files, duplicates,
 * executables, links that dangle and links to folders, old times.
 */
export async function makeTree(root: string, folders: number, filesEach: number): Promise<void> {
	for (let i = 0; i < folders; i++) {
		const folder = join(root, `part ${i % 7}`, `${NAMES[i % NAMES.length]} ${i}`);
		await mkdir(join(folder, 'empty'), { recursive: true });
		for (let j = 0; j < filesEach; j++) {
			const path = join(folder, `${NAMES[j % NAMES.length]}.${j}`.slice(0, 240));
			await writeFile(path, bytesOf(j % 5 === 0 ? 'same' : `${i}/${j}`, j % 11 === 0 ? 0 : (j * 997) % 9000));
			if (j % 4 === 0) await chmod(path, 0o755);
			const time = 1_000_000_000 + i * 1000 + j + 0.123456;
			await utimes(path, time, time);
		}
		await symlink(i % 2 ? 'nowhere/at all' : '..', join(folder, 'link'));
		await lutimes(join(folder, 'link'), 1_100_000_000 + i, 1_100_000_000 + i);
	}
}
