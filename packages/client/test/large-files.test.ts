import { createCipheriv } from 'node:crypto';
import * as fs from 'node:fs';
import type { BlockHash, Content, NodeId } from '@mydropbox/protocol';
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
const SIZE = 3 * PART_BYTES + 12_345;
const always = () => true;
const never = () => false;

/** The same each time, and nothing in it repeats. */
const bytes = (seed: string, size = SIZE): Buffer =>
	createCipheriv('aes-128-ctr', seed.padEnd(16), Buffer.alloc(16)).update(Buffer.alloc(size));

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
	});
const contentOf = (result: ReadResult | undefined) => (result && 'content' in result ? result.content : result);
const expected = () => contentOf(readFiles(nodeFs, [path])[0]);
const onServer = () => [...server.blocks.values()].reduce((sum, { length }) => sum + length, 0);

beforeEach(() => {
	at = new TestFolder();
	path = at.path('large.bin');
	fs.writeFileSync(path, BYTES);
	server = new FakeServer();
	large = new LargeFiles(directDisk(nodeFs));
	sent = 0;
	known = new Set();
});
afterEach(() => at.remove());

test('part by part, a file has the same blocks as in one go; all of them are on the server when it is read', async () => {
	const result = await large.read(ID, path, ahead(), always);
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
	large = new LargeFiles(counting);
	let result: ReadResult | undefined;
	while (!result) result = await large.read(ID, path, undefined, never);
	expect(contentOf(result)).toEqual(expected());
	expect(opened).toHaveLength(4);
	expect(opened).toEqual([...new Set(opened)].sort((a, b) => a - b));
});

test('S2: what changes between two parts is not one version, and no more of it is sent until it keeps still', async () => {
	expect(await large.read(ID, path, ahead(), never)).toBeUndefined();
	const before = onServer();
	fs.writeFileSync(path, bytes('another'));
	expect(await large.read(ID, path, ahead(), always)).toEqual({ changed: true });
	expect(contentOf(await large.read(ID, path, ahead(), always))).toEqual(expected());
	expect(onServer()).toBe(before);
	await large.read(ID, path, ahead(), always);
	expect(onServer()).toBe(before + SIZE);
});

test.each(['grows', 'shrinks', 'goes'])('S2: a file that %s is looked at again', async (how) => {
	await large.read(ID, path, undefined, never);
	if (how === 'grows') fs.appendFileSync(path, 'more');
	else if (how === 'shrinks') fs.truncateSync(path, PART_BYTES);
	else fs.unlinkSync(path);
	expect(await large.read(ID, path, undefined, always)).toEqual({ changed: true });
});

test('of blocks that the server has, nothing is said', async () => {
	const content = contentOf(await large.read(ID, path, undefined, always)) as Content;
	known = new Set(content.blocks.slice(2).map(({ hash }) => hash));
	const asked: BlockHash[] = [];
	const { missingBlocks } = server;
	server.missingBlocks = (request) => {
		asked.push(...request.hashes);
		return missingBlocks(request);
	};
	await large.read(ID, path, ahead(), always);
	expect(asked).toEqual(content.blocks.slice(0, 2).map(({ hash }) => hash));
	expect([onServer(), sent]).toEqual([content.blocks[0]!.size + content.blocks[1]!.size, SIZE]);
});

test('a server that is away, or refuses, keeps nobody from reading', async () => {
	server.down = true;
	expect(contentOf(await large.read(ID, path, ahead(), always))).toEqual(expected());
	expect([onServer(), sent]).toEqual([0, 0]);
});

test('no more than four parts are in memory, however slow the server is', async () => {
	let inMemory = 0;
	let most = 0;
	const put = server.putBlocks;
	server.putBlocks = async (...args) => {
		most = Math.max(most, ++inMemory);
		await new Promise((resolve) => setImmediate(resolve));
		const answer = await put(...args);
		inMemory--;
		return answer;
	};
	fs.writeFileSync(path, bytes('very large', 6 * PART_BYTES));
	expect(contentOf(await large.read(ID, path, ahead(), always))).toEqual(expected());
	expect(most).toBe(4);
});

test('in threads, the memory goes there and back', async () => {
	const disk = new WorkerDisk(2);
	try {
		large = new LargeFiles(disk);
		expect(contentOf(await large.read(ID, path, ahead(), always))).toEqual(expected());
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

const onServerOf = ({ server: { blocks } }: RunningEngine): number =>
	[...blocks.values()].reduce((sum, { length }) => sum + length, 0);
