import type { DiskEntry } from './entry.ts';

/** The clock that stamps files ticks at least this often on the file systems of today, milliseconds… */
const CLOCK_TICK_MS = 20;
/** …but for those that count in whole seconds, or two. */
const SLOW_TICK_MS = 2000;
/** A file that was written to so recently is probably not finished; reading it now would show half of what is being saved. */
const QUIET_MS = 130;

const tickOf = (ctime: bigint): number => (ctime % 1_000_000_000n === 0n ? SLOW_TICK_MS : CLOCK_TICK_MS);

/** A clock that was set back makes times of the future, which say nothing: far ones are as good as old ones. */
const age = (ctime: bigint, now: number): number => Math.abs(now - Number(ctime / 1_000_000n));

/** Whether it was written so shortly before that a later write could leave the same stamp. */
export const isRacy = ({ ctime }: Pick<DiskEntry, 'ctime'>, now: number): boolean => age(ctime, now) < tickOf(ctime);

/** Milliseconds until it may be read; 0: now. The last write may have been up to a tick after its time. */
export const quietIn = ({ ctime }: Pick<DiskEntry, 'ctime'>, now: number): number =>
	Math.max(0, QUIET_MS + tickOf(ctime) - age(ctime, now));
