import { isAhead, isRacy, quietIn } from '../src/fs/quiet.ts';

const SECOND = 1_795_251_604_000;
const stamped = (milliseconds: number) => ({ ctime: BigInt(milliseconds) * 1_000_000n, size: 2 ** 20 });

describe('what a disk’s clock says of a file', () => {
	test('S2: nobody reads what was written just now', () => {
		const file = stamped(SECOND + 10);
		expect(quietIn(file, SECOND + 10)).toBe(150);
		expect(quietIn(file, SECOND + 110)).toBe(50);
		expect(quietIn(file, SECOND + 160)).toBe(0);
		expect(quietIn({ ...file, size: 2 ** 16 }, SECOND + 10)).toBe(50);
	});

	test('S2, S14: where it counts in two seconds, the file may have been written at their end', () => {
		const file = stamped(SECOND);
		expect(isRacy(file, SECOND + 1999)).toBe(true);
		expect(quietIn(file, SECOND + 1999)).toBe(131);
		expect(isRacy(file, SECOND + 2000)).toBe(false);
		expect(quietIn(file, SECOND + 2130)).toBe(0);
	});

	test('S14: a time far in the future says that a clock was set back, and that it comes again', () => {
		const file = stamped(SECOND);
		expect(quietIn(file, SECOND - 3_600_000)).toBe(0);
		expect(isRacy(file, SECOND - 3_600_000)).toBe(true);
		expect([SECOND - 3_600_000, SECOND].map((now) => isAhead(file, now))).toEqual([true, false]);
	});
});
