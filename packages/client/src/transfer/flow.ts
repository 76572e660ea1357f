/** Cuts a list into slices of at most `count` items and, as far as single items allow, `bytes` bytes. */
export function inSlices<T>(items: readonly T[], count: number, bytes = Number.POSITIVE_INFINITY): T[][] {
	const slices: T[][] = [];
	let slice: T[] = [];
	let filled = 0;
	for (const item of items) {
		const size = (item as { size?: number }).size ?? 0;
		if (slice.length > 0 && (slice.length >= count || filled + size > bytes)) {
			slices.push(slice);
			slice = [];
			filled = 0;
		}
		slice.push(item);
		filled += size;
	}
	if (slice.length > 0) slices.push(slice);
	return slices;
}

/** Of all of them together. */
export const bytesOf = (items: readonly { readonly size: number }[]): number =>
	items.reduce((sum, { size }) => sum + size, 0);

/** Works through a list with some hands at once; the first failure ends it, after the others have let go. */
export async function inParallel<T>(
	items: readonly T[],
	hands: number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	let next = 0;
	let failed = false;
	const hand = async () => {
		while (next < items.length && !failed) {
			try {
				await work(items[next++]!);
			} catch (error) {
				failed = true;
				throw error;
			}
		}
	};
	const results = await Promise.allSettled(Array.from({ length: Math.min(hands, items.length) }, hand));
	for (const result of results) if (result.status === 'rejected') throw result.reason;
}
