/**
 * Seeds that once found a bug; what they found is in the log. A change of the simulator makes other worlds of them: then
 * they are only as good as any others, and the tests of the parts hold what was found.
 */
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
	'r129',
	'q119',
	'z31',
	'z32',
	'z41',
	'k-8',
	'w-24',
	'w1-6',
	'w1-36',
	'f86',
	't53',
];
