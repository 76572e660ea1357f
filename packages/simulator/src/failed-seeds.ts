import type { Fault } from './faults.ts';

/** Seeds that once found a bug. What they found is in the log of this file's commits. */
export const FAILED_SEEDS: readonly string[] = [
	't5',
	't8',
	't18',
	't26',
	't41',
	't23',
	't4',
	'p12',
	'p30',
	'p36',
	'q6',
	'q29',
	'q30',
	'q33',
	'q79',
	'r4',
	'r58',
];

/**
 * Faults that the engine does not survive yet. `torn-overwrite` (S5, seed w-24): a power cut leaves old bytes in a file of
 * the right length and times, and nobody reads it again.
 */
export const OPEN_FAULTS: ReadonlySet<Fault> = new Set(['torn-overwrite']);
