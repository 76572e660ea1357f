import { blockHash, type FramedBlock } from '@mydropbox/protocol/content';
import { BlockBatches } from '../src/upload/block-batches.ts';

const MiB = 1024 * 1024;
const block = (size: number): FramedBlock => {
	const bytes = Buffer.alloc(size, 7);
	return { hash: blockHash(bytes), bytes };
};

test('waits for the storage, so that memory stays bounded', async () => {
	let storing = 0;
	const stored = Promise.withResolvers<void>();
	const batches = new BlockBatches(async () => {
		storing++;
		await stored.promise;
	});
	const two = block(2 * MiB);
	// The first batch is being stored and the second is full: the next one must wait.
	for (let added = 0; added < 7; added++) await batches.add(two);
	let waits = true;
	const waiting = batches.add(two).then(() => (waits = false));
	await new Promise(setImmediate);
	expect([storing, waits]).toEqual([1, true]);
	stored.resolve();
	await waiting;
	await batches.finish();
	expect(storing).toBe(2);
});

test('a failure is heard of by whoever adds or finishes next', async () => {
	const batches = new BlockBatches(() => Promise.reject(new Error('disk full')));
	await batches.add(block(8 * MiB));
	await expect(batches.finish()).rejects.toThrow('disk full');
});

test('small blocks of many files share a batch', async () => {
	const sizes: number[] = [];
	const batches = new BlockBatches(async (blocks) => void sizes.push(blocks.length));
	for (let file = 0; file < 100; file++) await batches.add(block(10));
	await batches.finish();
	expect(sizes).toEqual([100]);
});
