import { LocalDirectory } from './local-directory.ts';
import type { SegmentStorage } from './segment-storage.ts';

const BUCKET = 's3://';

/** Whether the setting names a bucket, and not a directory of this machine. */
export const isBucket = (blocks: string): boolean => blocks.startsWith(BUCKET);

/**
 * @param blocks as it was set: a directory, or the address of a bucket.
 * @param owner the data server whose segments these are to be; undefined: whoever asks knows what it does.
 * @throws StartupError when they cannot be used.
 */
export async function openStorage(blocks: string, owner: string | undefined): Promise<SegmentStorage> {
	if (!isBucket(blocks)) return LocalDirectory.open(blocks);
	// Loaded by those who use it: it is large.
	const { S3Bucket } = await import('./s3-bucket.ts');
	const bucket = await S3Bucket.open(blocks);
	if (owner !== undefined) await bucket.claim(owner);
	return bucket;
}
