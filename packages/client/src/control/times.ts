import type { Mtime } from '@mydropbox/protocol';
import type { Version } from '@mydropbox/sync-engine';

/** The disk keeps less of an mtime than the version has; within the microsecond it may show more. */
export function isTimeOf(version: Version, shown: Mtime): boolean {
	const given = microseconds(mtimeOf(version));
	return KEPT_MICROSECONDS.some((unit) => microseconds(shown) === given - (given % unit));
}

/** What file systems keep times in: FAT in two seconds, HFS+ and old ext in one, exFAT in hundredths; some in milliseconds. */
const KEPT_MICROSECONDS = [1n, 1000n, 10_000n, 1_000_000n, 2_000_000n];

const microseconds = (mtime: Mtime): bigint => BigInt(mtime) / 1000n;

export const mtimeOf = (version: Version): Mtime => (version.kind === 'folder' ? ('0' as Mtime) : version.mtime);

/**
 * A version that got its times in place, as the disk shows it then: where a program wrote to it in that very moment, it
 * has the program's time and not ours.
 * @param before the mtime on the disk until then; a disk that takes no times shows it still.
 */
export function timedVersion(version: Version, shown: Mtime, before: Mtime): Version {
	if (version.kind !== 'file' || isTimeOf(version, shown) || shown === before) return version;
	return { ...version, mtime: shown };
}
