import { createCipheriv, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import {
	type ArrivalId,
	type ArrivingPart,
	type BlockHash,
	type Content,
	type Name,
	type NodeId,
	randomId,
	rootOf,
} from '@mydropbox/protocol';
import type { PutBlocksOptions } from '@mydropbox/remote';
import type { Disk } from '../src/fs/jobs/index.ts';
import { type ReadResult, readFiles } from '../src/fs/jobs/read.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { WorkerDisk } from '../src/fs/worker-disk.ts';
import { LargeFiles } from '../src/transfer/large-files.ts';
import { PART_BYTES } from '../src/transfer/part-memory.ts';
import { UploadAhead } from '../src/transfer/upload-ahead.ts';
import { directDisk } from './support/direct-disk.ts';
import { FakeServer } from './support/fake-server.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';
import { RunningEngine } from './support/running-engine.ts';

const ID = 'a'.repeat(32) as NodeId;
const PLACE = { node: ID, parent: rootOf(NAMESPACE), name: 'large.bin' as Name };
const SIZE = 3 * PART_BYTES + 12_345;
const newArrival = () => randomId<ArrivalId>(randomBytes);
const always = () => true;
const never = () => false;

/** The same each time, and nothing in it repeats. */
const bytes = (seed: string, size = SIZE): Buffer =>
	createCipheriv('aes-128-ctr', seed.padEnd(16), Buffer.alloc(16)).update(Buffer.alloc(size));

const put = (old: Buffer, at: number, what: Buffer): Buffer =>
	Buffer.concat([old.subarray(0, at), what, old.subarray(at + what.length)]);

const BYTES = bytes('large');
let at: TestFolder;
let path: string;
let server: FakeServer;
let large: LargeFiles;
let sent: number;
let known: Set<BlockHash>;

const ahead = () =>
	new UploadAhead({
		server,
		namespace: NAMESPACE,
		signal: new AbortController().signal,
		known,
		onBytes: (count) => {
			sent += count;
		},
		file: { ...PLACE, size: SIZE },
	});
const contentOf = (result: ReadResult | undefined) => (result && 'content' in result ? result.content : result);
const expected = () => contentOf(readFiles(nodeFs, [path])[0]);
const onServer = () => [...server.blocks.values()].reduce((sum, { length }) => sum + length, 0);

beforeEach(() => {
	at = new TestFolder();
	path = at.path('large.bin');
	fs.writeFileSync(path, BYTES);
	server = new FakeServer();
	large = new LargeFiles(directDisk(nodeFs), newArrival);
	sent = 0;
	known = new Set();
});
afterEach(() => at.remove());

test('part by part, a file has the same blocks as in one go; all of them are on the server when it is read', async () => {
	const result = await large.read(ID, path, undefined, ahead(), always);
	expect(contentOf(result)).toEqual(expected());
	expect([onServer(), sent]).toEqual([SIZE, SIZE]);
});

test('it may be broken off after each part, and goes on there', async () => {
	const opened: number[] = [];
	const counting: Disk = {
		...directDisk(nodeFs),
		run: (name, ...args) => {
			if (name === 'cutFile') opened.push(args[1] as number);
			return directDisk(nodeFs).run(name, ...args);
		},
	};
	large = new LargeFiles(counting, newArrival);
	let result: ReadResult | undefined;
	while (!result) result = await large.read(ID, path, undefined, undefined, never);
	expect(contentOf(result)).toEqual(expected());
	expect(opened).toHaveLength(4);
	expect(opened).toEqual([...new Set(opened)].sort((a, b) => a - b));
});

test('S2: what changes between two parts is not one version, and no more of it is sent until it keeps still', async () => {
	expect(await large.read(ID, path, undefined, ahead(), never)).toBeUndefined();
	const before = onServer();
	fs.writeFileSync(path, bytes('another'));
	expect(await large.read(ID, path, undefined, ahead(), always)).toEqual({ changed: true });
	expect(contentOf(await large.read(ID, path, undefined, ahead(), always))).toEqual(expected());
	expect(onServer()).toBe(before);
	await large.read(ID, path, undefined, ahead(), always);
	expect(onServer()).toBe(before + SIZE);
});

test.each(['grows', 'shrinks', 'goes'])('S2: a file that %s is looked at again', async (how) => {
	await large.read(ID, path, undefined, undefined, never);
	if (how === 'grows') fs.appendFileSync(path, 'more');
	else if (how === 'shrinks') fs.truncateSync(path, PART_BYTES);
	else fs.unlinkSync(path);
	expect(await large.read(ID, path, undefined, undefined, always)).toEqual({ changed: true });
});

test('of blocks that the server has, nothing is said', async () => {
	const content = contentOf(await large.read(ID, path, undefined, undefined, always)) as Content;
	known = new Set(content.blocks.slice(2).map(({ hash }) => hash));
	const asked: BlockHash[] = [];
	const { missingBlocks } = server;
	server.missingBlocks = (request) => {
		asked.push(...request.hashes);
		return missingBlocks(request);
	};
	await large.read(ID, path, undefined, ahead(), always);
	expect(asked).toEqual(content.blocks.slice(0, 2).map(({ hash }) => hash));
	expect([onServer(), sent]).toEqual([content.blocks[0]!.size + content.blocks[1]!.size, SIZE]);
});

describe('with a version before', () => {
	const jobs: string[] = [];
	let before: Content | undefined;
	const watched = (disk: Disk): Disk => ({
		...disk,
		run: (name, ...args) => {
			jobs.push(name);
			return disk.run(name, ...args);
		},
	});
	const read = async () => contentOf(await large.read(ID, path, before, ahead(), always)) as Content;

	beforeEach(async () => {
		before = undefined;
		before = await read();
		known = new Set(before.blocks.map(({ hash }) => hash));
		large = new LargeFiles(watched(directDisk(nodeFs)), newArrival);
		jobs.length = 0;
		sent = 0;
	});
	test.each<[string, (old: Buffer) => Buffer, number]>([
		['nothing', (old) => old, 1],
		['some bytes in the middle', (old) => put(old, SIZE / 2, bytes('new', 4096)), 2],
		['some bytes at the start', (old) => put(old, 0, bytes('new', 10)), 2],
		[
			'bytes that come in between',
			(old) => Buffer.concat([old.subarray(0, 1e7), bytes('new', 1000), old.subarray(1e7)]),
			2,
		],
		['bytes that are left out', (old) => Buffer.concat([old.subarray(0, 1e7), old.subarray(1e7 + 1000)]), 2],
		['bytes that are appended', (old) => Buffer.concat([old, bytes('new', 10)]), 1],
		['its end', (old) => old.subarray(0, SIZE - 10), 1],
		['everything', () => bytes('another', SIZE), 4],
	])(
		'of a file in which %s has changed, what is the same is only hashed, and the blocks are those of the chunker',
		async (_, change, cuts) => {
			fs.writeFileSync(path, change(BYTES));
			const result = await read();
			expect(result).toEqual(expected());
			expect(jobs.filter((name) => name === 'cutFile')).toHaveLength(cuts);
			expect(result.blocks.filter(({ hash }) => !server.blocks.has(hash))).toEqual([]);
			expect(sent).toBe(result.size);
		},
	);

	test('a file that was cut short where the chunker had cut ends there', async () => {
		fs.truncateSync(
			path,
			before!.blocks.slice(0, 50).reduce((sum, { size }) => sum + size, 0),
		);
		expect(await read()).toEqual(expected());
		expect(jobs).not.toContain('cutFile');
	});

	test('what there was several times may be there less often, or more', async () => {
		const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * 2 ** 20);
		const around = (mebibytes: number) =>
			Buffer.concat([BYTES.subarray(0, 1e7), zeros(mebibytes), BYTES.subarray(1e7)]);
		fs.writeFileSync(path, around(20));
		before = await read();
		for (const mebibytes of [12, 30]) {
			fs.writeFileSync(path, around(mebibytes));
			expect(await read()).toEqual(expected());
		}
	});

	test('S2: what is written between two parts is not one version', async () => {
		expect(await large.read(ID, path, before, ahead(), never)).toBeUndefined();
		fs.writeFileSync(path, put(BYTES, SIZE - 10, bytes('new', 10)));
		expect(await large.read(ID, path, before, ahead(), always)).toEqual({ changed: true });
		expect(await read()).toEqual(expected());
	});
});

describe('other devices are told', () => {
	const told = () => server.announced.toSorted((a, b) => a.start - b.start);
	const blocksOf = (parts: readonly ArrivingPart[]) => parts.flatMap(({ blocks }) => blocks);

	test('of each part, when its blocks are on the server; under one name, also when it is broken off in between', async () => {
		const announce = server.announce;
		const missing: number[] = [];
		server.announce = (request, options) => {
			missing.push(request.blocks.filter(({ hash }) => !server.blocks.has(hash)).length);
			return announce(request, options);
		};
		let result: ReadResult | undefined;
		while (!result) result = await large.read(ID, path, undefined, ahead(), never);
		expect(missing).toEqual([0, 0, 0, 0]);
		expect(new Set(told().map(({ arrival }) => arrival)).size).toBe(1);
		expect(told()[0]).toMatchObject({ ...PLACE, size: SIZE, start: 0 });
		const content = contentOf(result) as Content;
		expect(blocksOf(told())).toEqual(content.blocks);
		let start = 0;
		for (const part of told()) {
			expect(part.start).toBe(start);
			start += part.blocks.reduce((sum, { size }) => sum + size, 0);
		}
	});

	test('not of what is as it was in the version before: they have it, too', async () => {
		const before = contentOf(await large.read(ID, path, undefined, ahead(), always)) as Content;
		known = new Set(before.blocks.map(({ hash }) => hash));
		server.announced.length = 0;
		fs.writeFileSync(path, put(BYTES, SIZE / 2, bytes('new', 4096)));
		const content = contentOf(await large.read(ID, path, before, ahead(), always)) as Content;
		const news = content.blocks.filter(({ hash }) => !known.has(hash));
		expect(blocksOf(told())).toEqual(expect.arrayContaining(news));
		expect(blocksOf(told()).length).toBeLessThan(content.blocks.length / 2);
	});

	test('under another name once the file has changed', async () => {
		await large.read(ID, path, undefined, ahead(), never);
		fs.writeFileSync(path, put(BYTES, 0, bytes('new', 10)));
		large.keepOnly(new Set());
		await large.read(ID, path, undefined, ahead(), never);
		expect(new Set(told().map(({ arrival }) => arrival)).size).toBe(2);
	});

	test('of nothing, while the server has not taken the blocks', async () => {
		server.putBlocks = async () => {
			throw new Error('refused');
		};
		expect(contentOf(await large.read(ID, path, undefined, ahead(), always))).toEqual(expected());
		expect(told()).toEqual([]);
	});
});

test('a server that is away, or refuses, keeps nobody from reading', async () => {
	server.down = true;
	expect(contentOf(await large.read(ID, path, undefined, ahead(), always))).toEqual(expected());
	expect([onServer(), sent]).toEqual([0, 0]);
});

describe('however slow the server is', () => {
	/** @returns the most requests that were open at once. */
	async function mostAtOnce(onRequest: (options: PutBlocksOptions) => void): Promise<number> {
		let open = 0;
		let most = 0;
		const put = server.putBlocks;
		server.putBlocks = async (namespace, blocks, options = {}) => {
			most = Math.max(most, ++open);
			onRequest(options);
			await new Promise((resolve) => setImmediate(resolve));
			const answer = await put(namespace, blocks, options);
			open--;
			return answer;
		};
		fs.writeFileSync(path, bytes('very large', 6 * PART_BYTES));
		expect(contentOf(await large.read(ID, path, undefined, ahead(), always))).toEqual(expected());
		return most;
	}

	test('no more than four parts are in memory', async () => {
		expect(await mostAtOnce(({ onSent }) => onSent?.())).toBe(4);
	});

	test('a part does not share the line with the one before', async () => {
		expect(await mostAtOnce(() => undefined)).toBe(1);
	});
});

test('in threads, the memory goes there and back', async () => {
	const disk = new WorkerDisk(2);
	try {
		large = new LargeFiles(disk, newArrival);
		expect(contentOf(await large.read(ID, path, undefined, ahead(), always))).toEqual(expected());
		expect(onServer()).toBe(SIZE);
		const memory = new Uint8Array(PART_BYTES);
		const part = await disk.run('cutFile', path, 0, memory);
		if (!('blocks' in part)) throw new Error('not read');
		const whole = part.blocks[0]!.bytes.buffer;
		expect([memory.length, whole.byteLength]).toEqual([0, PART_BYTES]);
		const pieces = part.blocks.map(({ hash, size, bytes }, index) => {
			const start = part.blocks.slice(0, index).reduce((sum, block) => sum + block.size, 0);
			return { hash, size, start, bytes: bytes.slice() };
		});
		expect(await disk.run('stage', `${at.tempDir}/get-1`, pieces, 0)).toEqual({ missing: [] });
		expect(pieces.map(({ bytes }) => bytes.length)).toEqual(pieces.map(() => 0));
		const length = part.blocks.reduce((sum, { size }) => sum + size, 0);
		expect(fs.readFileSync(`${at.tempDir}/get-1`).equals(BYTES.subarray(0, length))).toBe(true);
	} finally {
		await disk.close();
	}
});

test('a large file travels while it is read, and is committed after', async () => {
	const running = new RunningEngine({ 'small.txt': 'small' });
	try {
		fs.writeFileSync(running.at.path('large.bin'), BYTES);
		let puts = 0;
		const { putBlocks } = running.server;
		running.server.putBlocks = (...args) => {
			puts++;
			return putBlocks(...args);
		};
		await running.start();
		expect(await running.settled()).toMatchObject({ state: 'up-to-date', filesToGo: 0, bytesToGo: 0 });
		const there = running.server.nodes.get(running.idOf('large.bin'));
		expect(there).toMatchObject({ kind: 'file', size: SIZE });
		expect(running.server.drawing()['small.txt']).toBe('small');
		expect(onServerOf(running)).toBe(SIZE + 'small'.length);
		expect(puts).toBe(5);
	} finally {
		await running.remove();
	}
});

test('S17: where a block of a large file came wrong, it is asked for again, to be verified on the way', async () => {
	const running = new RunningEngine();
	try {
		await running.start();
		await running.settled();
		running.server.write('large.bin', BYTES);
		const asked: { unverified: boolean | undefined; count: number }[] = [];
		const { getBlocks } = running.server;
		running.server.getBlocks = async function* (request, { unverified } = {}) {
			const number = asked.push({ unverified, count: request.hashes.length });
			for await (const { hash, bytes } of getBlocks.call(running.server, request)) {
				if (number === 2) bytes[0]! ^= 1;
				yield { hash, bytes };
			}
		};
		expect(await running.settled()).toMatchObject({ state: 'up-to-date' });
		expect(fs.readFileSync(running.at.path('large.bin')).equals(BYTES)).toBe(true);
		expect(asked.slice(0, -1).map(({ unverified }) => unverified)).toEqual([true, true, true, true]);
		expect(asked.at(-1)).toEqual({ unverified: false, count: asked[1]!.count });
	} finally {
		await running.remove();
	}
});

const onServerOf = ({ server: { blocks } }: RunningEngine): number =>
	[...blocks.values()].reduce((sum, { length }) => sum + length, 0);
