export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Between neighbours it interpolates. @param share 0.95 for the 95th percentile. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((x, y) => x - y);
	const at = (sorted.length - 1) * share;
	const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
	if (below === undefined || above === undefined) throw new Error('There is no percentile of nothing.');
	return below + (above - below) * (at % 1);
}
