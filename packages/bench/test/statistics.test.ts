import { median, percentile } from '../src/report/statistics.ts';

it('finds the middle of odd and even numbers of values, in whatever order', () => {
	expect(median([3, 1, 2])).toBe(2);
	expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('interpolates percentiles between neighbours', () => {
	expect(percentile([10, 20], 0.95)).toBeCloseTo(19.5);
	expect(percentile([7], 0.95)).toBe(7);
});
