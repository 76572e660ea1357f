import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataServerId } from '@mydropbox/protocol';
import { LocalDirectory } from './local-directory.ts';
import type { SegmentStorage } from './segment-storage.ts';

const BUCKET = 's3://';

/** Whether the setting names a bucket, and not a directory of this machine. */
export const isBucket = (blocks: string): boolean => blocks.startsWith(BUCKET);

/**
 * @param blocks as it was set: a directory, or the address of a bucket.
 * @param folder for small files of the server's own, which it has locked.
 * @param server that it is opened for; undefined: for its maintenance.
 * @throws StartupError when they cannot be used.
 */
export async function openStorage(
	blocks: string,
	folder: string,
	server: DataServerId | undefined,
): Promise<SegmentStorage> {
	if (!isBucket(blocks)) return LocalDirectory.open(blocks);
	// Loaded by those who use it: it is large.
	const { S3Bucket } = await import('./s3-bucket.ts');
	return S3Bucket.open(blocks, { store: await storeId(join(folder, 'store-id')), server });
}

/** Drawn when it is asked for first. */
async function storeId(file: string): Promise<string> {
	try {
		return (await readFile(file, 'utf8')).trim();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		const id = randomBytes(16).toString('hex');
		await writeFile(file, `${id}\n`, { flush: true });
		return id;
	}
}
