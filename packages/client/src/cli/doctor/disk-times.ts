import { join } from 'node:path';
import type { Mtime } from '@mydropbox/protocol';
import { duration } from '../format.ts';
import { type Finding, ok, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';
import { probing, touch } from './probing.ts';

/** A time with something in each place that a disk may drop, in nanoseconds: an odd second, then microseconds. */
const FINE = 1_700_000_001_234_567_000n as const;
const TOLERABLE_SKEW_MS = 2000;

/** How finely the disk keeps times, and whether its clock is ours. */
export const diskTimes: Check<SignedIn> = ({ config: { folder }, outside }) =>
	probing(outside.fs, folder, (dir) => {
		const { fs } = outside;
		const path = join(dir, 'file');
		touch(fs, path);
		const ahead = Number(BigInt(fs.stat(path)!.mtime) / 1_000_000n) - outside.now();
		fs.setMtime(path, String(FINE) as Mtime);
		const off = FINE - BigInt(fs.stat(path)!.mtime);
		return clockFinding(ahead) ?? grainFinding(off < 0n ? -off : off);
	});

/** @param ahead milliseconds that the disk's clock is ahead of ours. */
function clockFinding(ahead: number): Finding | undefined {
	if (Math.abs(ahead) <= TOLERABLE_SKEW_MS) return undefined;
	return warning(
		`the clock of the disk is ${duration(Math.abs(ahead) / 1000)} ${ahead > 0 ? 'ahead of' : 'behind'} the one of this machine`,
		'What is written is found all the same, but the times of files that are written here are wrong for others by that much.',
		'Set both clocks, best by NTP.',
	);
}

/** @param off nanoseconds by which a time comes back different. */
function grainFinding(off: bigint): Finding {
	// What is asked for lies somewhere within a microsecond.
	if (off < 1000n) return ok('kept to the microsecond');
	const grain = off >= 1_000_000_000n ? '2 seconds' : off >= 1_000_000n ? 'the second' : 'the millisecond';
	return ok(`kept to ${grain}; files that were written just now are read twice, so that no change is missed`);
}
