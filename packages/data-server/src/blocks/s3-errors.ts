import { S3ServiceException } from '@aws-sdk/client-s3';
import { ApiError } from '@mydropbox/protocol';

/** What it has answered; undefined when it has not. */
export const statusOf = (error: unknown): number | undefined =>
	error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
/** The store itself says so. Another 404 comes from whatever stands before it, or is about the bucket. */
export const isLost = (error: unknown): boolean => statusOf(error) === 404 && (error as Error).name === 'NoSuchKey';
export const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;
const isFull = (error: unknown): boolean =>
	statusOf(error) === 507 || ['QuotaExceeded', 'XMinioStorageFull'].includes((error as Error).name);
/**
 * After some attempts it has not answered, says that it cannot for now, or what has answered is no store. What has never been
 * asked of it has no `$metadata`.
 */
function isAway(error: unknown): boolean {
	if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
	const status = statusOf(error) ?? 500;
	const isNoStore = status === 404 && !isLost(error);
	return status >= 500 || status === 429 || isNoStore || (error as unknown as Error).name === 'RequestTimeout';
}

/** For whoever starts a server. */
export function reasonOf(error: unknown): string {
	if (statusOf(error) === 404) return 'there is none of this name';
	if (statusOf(error) === 403) return 'access was refused';
	return (error as Error).message || (error as Error).name;
}

/** @throws what `ask` does, as `told`. */
export async function reached<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		throw told(error);
	}
}

/** What the store cannot do now becomes what a person is told. */
export function told(error: unknown): unknown {
	if (isFull(error)) return new ApiError('disk-full', STORAGE_FULL, { cause: error, retryAfter: 60 });
	return isAway(error) ? away(error) : error;
}

export const away = (cause: unknown): ApiError => new ApiError('not-ready', STORAGE_AWAY, { cause, retryAfter: 5 });

const STORAGE_FULL =
	"The server's storage is full; nothing of this upload was kept. Its administrator has to make room.";
const STORAGE_AWAY =
	"The server cannot reach its storage; nothing was changed. It works again when that is back; its administrator can see why in the server's log.";
