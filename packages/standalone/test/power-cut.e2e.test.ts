import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cleanUp } from './support/cleanup.ts';
import { FILE_SYSTEMS, type FileSystemKind, LossyDisk } from './support/power/lossy-disk.ts';
import { PowerCuts } from './support/power/power-cuts.ts';
import { type Product, startProduct } from './support/product.ts';

const MINUTES = 60_000;
/** All file systems and all moments take half an hour; without it, half of the moments on ext4. */
const ALL = process.env.MYDROPBOX_TEST_ALL === '1';
const KINDS: readonly FileSystemKind[] = ALL ? FILE_SYSTEMS : ['ext4'];

describe.each(KINDS)('when the power is cut, on %s', (fileSystem) => {
	afterEach(cleanUp, MINUTES);

	it(
		'what nobody asked to be durable is lost',
		async () => {
			const disk = await LossyDisk.make(fileSystem);
			const path = (name: string) => join(disk.path, name);
			writeFileSync(path('left to the system'), 'x'.repeat(10_000));
			const file = openSync(path('durable'), 'w');
			writeSync(file, 'y'.repeat(10_000));
			fsyncSync(file);
			closeSync(file);
			disk.restart(disk.cutNow());
			expect(statSync(path('left to the system'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
			expect(readFileSync(path('durable'), 'utf8')).toBe('y'.repeat(10_000));
		},
		MINUTES,
	);

	describe('a device that was receiving', () => {
		let product: Product;
		beforeEach(async () => {
			product = await startProduct();
		}, MINUTES);

		const record = async (options: { apart: boolean; without?: readonly string[] }) =>
			PowerCuts.record(product, await product.signUp('ada'), { fileSystem, ...options });

		it.each([
			['on the same disk', { apart: false }],
			['on another disk, which forgets nothing', { apart: true }],
		])(
			'S1 S2 S4 S8: its state %s: ends like the others, and tells the server nothing',
			async (_, options) => {
				const cuts = await record(options);
				// A fair share is different moments for the two.
				const names = cuts.names.filter((_, index) => ALL || index % 2 === Number(options.apart));
				expect(names.length).toBeGreaterThan(10);
				const wrong: string[] = [];
				for (const name of names) wrong.push(...(await cuts.restartAfter(name)));
				expect(wrong).toEqual([]);
			},
			10 * MINUTES,
		);

		it(
			'S20: would tell the server half files if it did not make them durable',
			async () => {
				const cuts = await record({ apart: true, without: ['syncFile', 'syncFolder', 'syncAll'] });
				for (const name of cuts.names) if ((await cuts.restartAfter(name)).length > 0) return;
				throw new Error('Nothing was wrong, though nothing was durable: these tests cannot find anything.');
			},
			10 * MINUTES,
		);
	});
});
