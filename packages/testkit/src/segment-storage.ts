import { createHash, randomBytes } from 'node:crypto';

/** The port of data-server/blocks/segment-storage.ts, as far as the suite uses it. */
export interface StorageUnderTest {
	write(key: Key, pieces: AsyncIterable<Uint8Array>): Promise<number>;
	read(key: Key, offset: number, length: number): Promise<Uint8Array>;
	list(): AsyncIterable<Key>;
	delete(key: Key): Promise<void>;
	stat(key: Key): Promise<{ bytes: number; writtenAt: Date } | undefined>;
}
// biome-ignore lint/suspicious/noExplicitAny: the brands of ids are the data-server's own business
type Key = any;

/** Holds an implementation of SegmentStorage to its contract. `open` is called before each test, on nothing. */
export function segmentStorageContract(name: string, open: () => Promise<StorageUnderTest>): void {
	describe(`${name} keeps the contract of SegmentStorage`, () => {
		let storage: StorageUnderTest;
		beforeEach(async () => {
			storage = await open();
		});

		test('what was written is there: whole, in ranges, in the list', async () => {
			const key = newKey();
			const bytes = randomBytes(3_000_000);
			expect(await storage.write(key, inPieces(bytes, 700_001))).toBe(bytes.length);
			expect(digest(await storage.read(key, 0, bytes.length))).toBe(digest(bytes));
			expect(digest(await storage.read(key, 1_234_567, 89))).toBe(digest(bytes.subarray(1_234_567, 1_234_656)));
			expect((await storage.stat(key))?.bytes).toBe(bytes.length);
			expect(Math.abs(Date.now() - ((await storage.stat(key))?.writtenAt.getTime() ?? 0))).toBeLessThan(60_000);
			expect(await all(storage)).toEqual([key]);
		});

		test('empty and tiny pieces make a segment too', async () => {
			const key = newKey();
			await storage.write(key, inPieces(Buffer.from('abc'), 1));
			expect(Buffer.from(await storage.read(key, 1, 2)).toString()).toBe('bc');
		});

		test('a source that fails leaves nothing, and its error comes out', async () => {
			const key = newKey();
			const failing = (async function* () {
				yield randomBytes(2_000_000);
				throw new Error('the line was cut');
			})();
			await expect(storage.write(key, failing)).rejects.toThrow('the line was cut');
			expect(await storage.stat(key)).toBeUndefined();
			expect(await all(storage)).toEqual([]);
			await expect(storage.read(key, 0, 1)).rejects.toMatchObject({ name: 'SegmentLost' });
			await storage.write(key, inPieces(Buffer.from('again'), 5));
			expect((await storage.stat(key))?.bytes).toBe(5);
		});

		test('nothing is visible before it is whole', async () => {
			const key = newKey();
			const { promise: meanwhile, resolve: goOn } = Promise.withResolvers<void>();
			const { promise: started, resolve: start } = Promise.withResolvers<void>();
			const slow = (async function* () {
				yield randomBytes(2_000_000);
				start();
				await meanwhile;
				yield randomBytes(10);
			})();
			const writing = storage.write(key, slow);
			await started;
			expect(await storage.stat(key)).toBeUndefined();
			expect(await all(storage)).toEqual([]);
			goOn();
			expect(await writing).toBe(2_000_010);
			expect(await all(storage)).toEqual([key]);
		});

		test('more than there is cannot be read', async () => {
			const key = newKey();
			await storage.write(key, inPieces(Buffer.from('abc'), 3));
			await expect(storage.read(key, 1, 3)).rejects.toMatchObject({ name: 'SegmentLost' });
			await expect(storage.read(newKey(), 0, 1)).rejects.toMatchObject({ name: 'SegmentLost' });
		});

		test('what was deleted is gone; deleting it again is no error', async () => {
			const [gone, kept] = [newKey(), newKey()];
			for (const key of [gone, kept]) await storage.write(key, inPieces(Buffer.from('abc'), 3));
			await storage.delete(gone);
			await storage.delete(gone);
			await storage.delete(newKey());
			expect(await all(storage)).toEqual([kept]);
		});

		test('owners are apart', async () => {
			const one = newKey();
			const other = { ...newKey(), segment: one.segment };
			await storage.write(one, inPieces(Buffer.from('one'), 3));
			await storage.write(other, inPieces(Buffer.from('other'), 5));
			await storage.delete(one);
			expect(Buffer.from(await storage.read(other, 0, 5)).toString()).toBe('other');
		});

		test('many at once', async () => {
			const keys = Array.from({ length: 50 }, newKey);
			await Promise.all(keys.map((key) => storage.write(key, inPieces(Buffer.from(key.segment), 7))));
			const read = await Promise.all(keys.map((key) => storage.read(key, 0, 32)));
			expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(keys.map(({ segment }) => segment));
			expect(await all(storage)).toHaveLength(50);
		});
	});
}

const newKey = () => ({ owner: randomBytes(16).toString('hex'), segment: randomBytes(16).toString('hex') });
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function all(storage: StorageUnderTest): Promise<Key[]> {
	const keys: Key[] = [];
	for await (const key of storage.list()) keys.push(key);
	return keys;
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
	for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}
