import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = 1 << 20;

/** Bytes that nothing can compress, the same for the same seed on every machine and in every run. */
export class Noise {
	readonly #cipher;

	constructor(seed: string) {
		const key = createHash('sha256').update(seed).digest();
		this.#cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
	}

	bytes(count: number): Buffer {
		return this.#cipher.update(Buffer.alloc(count));
	}

	/** A whole number, at least `least`, less than `limit`. */
	between(least: number, limit: number): number {
		return least + Math.floor((this.bytes(4).readUInt32LE() / 2 ** 32) * (limit - least));
	}
}

/**
 * Makes what is to be synced once, and the same again for every peer.
 * @param make is called with a folder that does not exist yet, and fills it.
 */
export function original(library: string, name: string, make: (folder: string) => void): string {
	const folder = join(library, name);
	if (existsSync(folder)) return folder;
	const unfinished = `${folder}.unfinished`;
	mkdirSync(unfinished, { recursive: true });
	make(unfinished);
	renameSync(unfinished, folder);
	return folder;
}

export interface ManyFiles {
	readonly files: number;
	readonly folders: number;
	/** Bytes of each, at least and at most. */
	readonly size: readonly [number, number];
}

export function makeManyFiles(folder: string, { files, folders, size: [least, most] }: ManyFiles): void {
	const noise = new Noise('many files');
	for (let index = 0; index < files; index++) {
		const inner = join(folder, `folder-${index % folders}`);
		if (index < folders) mkdirSync(inner);
		writeWhole(join(inner, `file-${index}.bin`), noise.bytes(noise.between(least, most + 1)));
	}
}

export function makeLargeFile(path: string, bytes: number): void {
	const noise = new Noise('large file');
	const file = openSync(path, 'w');
	for (let left = bytes; left > 0; left -= CHUNK) writeSync(file, noise.bytes(Math.min(left, CHUNK)));
	closeSync(file);
}

function writeWhole(path: string, bytes: Buffer): void {
	const file = openSync(path, 'w');
	writeSync(file, bytes);
	closeSync(file);
}
