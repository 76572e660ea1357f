import type { DiskEntry } from './entry.ts';

/** The clock that stamps files ticks at least this often on the file systems of today, milliseconds… */
const CLOCK_TICK_MS = 20;
/** …but for those that count in whole seconds, or two. */
export const SLOW_TICK_MS = 2000;
/** A file that was written to so recently is perhaps not finished; reading it now would show half of what is being saved. */
const QUIET_MS = 130;
/** What is written in one go has no half, but for the moment between emptying the file and writing it. */
const SMALL_QUIET_MS = 30;
const SMALL_BYTES = 64 * 1024;

/** So long may the clock that stamps files have stood still after this time. */
export const tickOf = (ctime: bigint): number => (ctime % 1_000_000_000n === 0n ? SLOW_TICK_MS : CLOCK_TICK_MS);

/** Milliseconds; negative for times of the future, which a clock makes that is set back later. */
const age = (ctime: bigint, now: number): number => now - Number(ctime / 1_000_000n);

/** When it was last changed, which its stamp (DiskEntry) says, too. */
export const ctimeOf = (stamp: string): bigint => BigInt(stamp.split(':')[2] ?? 0);

/** Whether a later write could leave the same stamp: it was written just now, or at a time that comes again. */
export const isRacy = ({ ctime }: Pick<DiskEntry, 'ctime'>, now: number): boolean => age(ctime, now) < tickOf(ctime);

/** Whether that time is still to come: only when it is over does it help to read the file again. */
export const isAhead = ({ ctime }: Pick<DiskEntry, 'ctime'>, now: number): boolean => age(ctime, now) < -CLOCK_TICK_MS;

/**
 * Milliseconds until it may be read; 0: now. The last write may have been up to a tick after its time; a time far in the
 * future says nothing.
 */
export function quietIn({ ctime, size }: Pick<DiskEntry, 'ctime' | 'size'>, now: number): number {
	const quiet = size <= SMALL_BYTES ? SMALL_QUIET_MS : QUIET_MS;
	return Math.max(0, quiet + tickOf(ctime) - Math.abs(age(ctime, now)));
}
