/** Batches of at most `count` items and, as far as single items allow, so many bytes. */
export async function* inBatches<T>(
	items: Iterable<T> | AsyncIterable<T>,
	sizeOf: (item: T) => number,
	most: { readonly bytes: number; readonly count: number },
): AsyncGenerator<T[]> {
	let batch: T[] = [];
	let bytes = 0;
	for await (const item of items) {
		const size = sizeOf(item);
		if (batch.length > 0 && (batch.length >= most.count || bytes + size > most.bytes)) {
			yield batch;
			[batch, bytes] = [[], 0];
		}
		batch.push(item);
		bytes += size;
	}
	if (batch.length > 0) yield batch;
}
