import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { cleanUp } from './support/cleanup.ts';
import { type Person, type Product, startProduct } from './support/product.ts';

afterEach(cleanUp, 60_000);

const MiB = 1024 * 1024;
/** Large enough that whoever held it whole would be caught, small enough to run every day. */
const SIZE = 400 * MiB;
const MOST_GROWTH = 100 * MiB;
const MEGABYTE = randomBytes(MiB);

/** Megabytes that differ in a few bytes; the same each time. */
function* bytes(size: number): Generator<Uint8Array> {
	for (let number = 0; number < size / MiB; number++) {
		const piece = Buffer.from(MEGABYTE);
		piece.writeUInt32BE(number, 1000);
		yield piece;
	}
}

function* multipart(name: string, content: Iterable<Uint8Array>): Generator<Uint8Array> {
	yield Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
	yield* content;
	yield Buffer.from('\r\n--b--\r\n');
}

async function upload({ site }: Product, { token }: Person, name: string, size: number): Promise<void> {
	const answer = await fetch(`${site}/api/v1/files?path=/`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=b' },
		body: Readable.toWeb(Readable.from(multipart(name, bytes(size)))),
		duplex: 'half',
	} as RequestInit);
	expect(await answer.json()).toMatchObject({ files: [{ name, size }] });
}

async function download({ site }: Product, { token }: Person, name: string): Promise<string> {
	const hash = createHash('sha256');
	const headers = { authorization: `Bearer ${token}` };
	const answer = await fetch(`${site}/api/v1/files/content?path=/${name}`, { headers });
	for await (const piece of answer.body!) hash.update(piece);
	return hash.digest('hex');
}

/** The most memory that each server has held since the last call, by the kernel's own count. */
function memoryPeaks(product: Product): Map<string, number> {
	const peaks = new Map<string, number>();
	for (const [name, { pid }] of product.servers()) {
		peaks.set(name, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024);
		writeFileSync(`/proc/${pid}/clear_refs`, '5');
	}
	return peaks;
}

const grown = (before: Map<string, number>, after: Map<string, number>): string[] =>
	[...after]
		.map(([name, peak]) => ({ name, growth: peak - (before.get(name) ?? 0) }))
		.filter(({ growth }) => growth > MOST_GROWTH)
		.map(({ name, growth }) => `${name} grew by ${Math.round(growth / MiB)} MiB`);

/** Only Linux counts in this way. */
const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux(
	'a large file passes through every server and takes no more memory than a small one',
	async () => {
		const product = await startProduct();
		const ada = await product.signUp('ada');
		// A server that has worked a little has loaded its code and given its heap the usual size.
		await upload(product, ada, 'small.bin', 32 * MiB);
		memoryPeaks(product);
		const before = memoryPeaks(product);

		await upload(product, ada, 'large.bin', SIZE);
		expect(grown(before, memoryPeaks(product))).toEqual([]);

		const expected = createHash('sha256');
		for (const piece of bytes(SIZE)) expected.update(piece);
		expect(await download(product, ada, 'large.bin')).toBe(expected.digest('hex'));
		expect(grown(before, memoryPeaks(product))).toEqual([]);
	},
	180_000,
);
