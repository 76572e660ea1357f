import { createCipheriv } from 'node:crypto';
import * as fs from 'node:fs';
import type { ArrivingPart, BlockHash } from '@mydropbox/protocol';
import { PORTIONS } from '../src/transfer/portions.ts';
import { RunningEngine } from './support/running-engine.ts';

const SIZE = PORTIONS.inMemory + 1_000_000;
const bytes = (seed: string): Buffer =>
	createCipheriv('aes-128-ctr', seed.padEnd(16), Buffer.alloc(16)).update(Buffer.alloc(SIZE));
const LARGE = bytes('large');

let device: RunningEngine;
let parts: readonly ArrivingPart[];
beforeEach(async () => {
	device = new RunningEngine({ 'folder/small': 'small' });
	await device.start();
	await device.settled();
	parts = device.server.arrive('large.bin', LARGE);
});
afterEach(() => device.remove());

const hashesOf = (some: readonly ArrivingPart[]) => some.flatMap(({ blocks }) => blocks.map(({ hash }) => hash));
const arriving = () => device.at.temporary().filter((name) => name.startsWith('arriving-'));
/** Bytes of it that are on the disk. */
const there = () => {
	const [name] = arriving();
	return name ? fs.readFileSync(`${device.at.tempDir}/${name}`) : undefined;
};
const until = async (condition: () => boolean) => {
	while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};
const isThere = (some: readonly ArrivingPart[]) =>
	some.every(({ start, blocks: [block] }) => {
		const end = start + block!.size;
		return there()?.subarray(start, end).equals(LARGE.subarray(start, end));
	});
/** Hears of some more of it, and fetches that. */
const hear = async (some: readonly ArrivingPart[]) => {
	device.server.tell(some);
	await until(() => isThere(some));
};
/** Has heard of it, and does not fetch it: the next question has been asked. */
const ignores = async (some: readonly ArrivingPart[]) => {
	const { changes } = device.server;
	const asked = new Promise<void>((resolve) => {
		device.server.changes = (request, options) => {
			if ((request.arrivalsAfter ?? 0) >= some.length) resolve();
			return changes(request, options);
		};
	});
	device.server.tell(some);
	await asked;
	expect(arriving()).toEqual([]);
	expect(device.server.fetched).toEqual([]);
};
const commit = async () => {
	device.server.fetched.length = 0;
	device.server.write('large.bin', LARGE);
	expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [] });
	expect(fs.readFileSync(device.at.path('large.bin')).equals(LARGE)).toBe(true);
	expect(device.at.temporary()).toEqual([]);
};
const expectFetched = (hashes: readonly BlockHash[]) => expect(new Set(device.server.fetched)).toEqual(new Set(hashes));

test('what arrives at the server is fetched at once, is seen by nobody, and is the file once it is committed', async () => {
	await hear(parts);
	expect(device.at.drawing()).toEqual({ 'folder/small': 'small' });
	await commit();
	expectFetched([]);
});

test('the status says what is arriving, and not that anything is left to do', async () => {
	await hear(parts.slice(0, 2));
	const bytesHere = parts[2]!.start;
	const arriving = [{ path: 'large.bin', bytesHere, bytes: SIZE }];
	expect(device.engine.status()).toMatchObject({ state: 'up-to-date', filesToGo: 0, arriving });
	await commit();
	expect(device.engine.status()).toMatchObject({ arriving: [] });
});

test('what was not heard of is fetched with the commit', async () => {
	await hear(parts.slice(2, 5));
	await commit();
	expectFetched(hashesOf([...parts.slice(0, 2), ...parts.slice(5)]));
});

test('what is on this disk already is copied', async () => {
	device.at.draw({ mine: LARGE.toString('latin1') });
	fs.writeFileSync(device.at.path('mine'), LARGE);
	await device.settled();
	await hear(parts);
	expect(device.server.fetched).toEqual([]);
	await commit();
	expectFetched([]);
});

test('S2: of two that begin alike, each becomes itself, whatever is still heard of the other', async () => {
	const other = Buffer.concat([LARGE.subarray(0, SIZE - 500_000), bytes('another').subarray(0, 500_000)]);
	const others = device.server.arrive('other.bin', other);
	const alike = parts.filter(({ blocks: [block] }, at) => block!.hash === others[at]?.blocks[0]?.hash).length;
	expect(alike).toBeGreaterThan(2);
	device.server.tell([...parts.slice(0, 2), ...others.slice(0, 2)]);
	await until(() => device.engine.status().arriving.every(({ bytesHere }) => bytesHere > 0) && arriving().length === 2);
	device.server.write('other.bin', other);
	device.server.tell([...parts.slice(2), ...others.slice(2)]);
	device.server.write('large.bin', LARGE);
	expect(await device.settled()).toMatchObject({ state: 'up-to-date' });
	expect(fs.readFileSync(device.at.path('other.bin')).equals(other)).toBe(true);
	expect(fs.readFileSync(device.at.path('large.bin')).equals(LARGE)).toBe(true);
});

test('S2: what is heard after it was taken is written nowhere', async () => {
	await hear(parts.slice(0, 3));
	const { getBlocks } = device.server;
	// The download has taken it, and is under way.
	device.server.getBlocks = async function* (request, options) {
		if (arriving().length === 0) device.server.tell(parts.slice(1));
		yield* getBlocks.call(device.server, request, options);
	};
	await commit();
	await device.settled();
	expect(device.at.temporary()).toEqual([]);
});

test('when it becomes something else, that is fetched', async () => {
	await hear(parts);
	const other = bytes('another');
	device.server.write('large.bin', other);
	await device.settled();
	expect(fs.readFileSync(device.at.path('large.bin')).equals(other)).toBe(true);
});

test.each([
	['is gone', false],
	['is another file', true],
])('when what has come %s, the file is what it should be all the same', async (_, isAnother) => {
	await hear(parts);
	const path = `${device.at.tempDir}/${arriving()[0]}`;
	fs.rmSync(path);
	if (isAnother) fs.writeFileSync(path, 'not it');
	await commit();
});

test('a block that comes with other bytes is asked for again with the commit', async () => {
	const [wrong] = hashesOf(parts);
	const right = device.server.blocks.get(wrong!)!;
	device.server.blocks.set(
		wrong!,
		right.map((byte) => byte ^ 1),
	);
	device.server.tell(parts);
	await until(() => isThere(parts.slice(1)));
	device.server.blocks.set(wrong!, right);
	await commit();
	expectFetched([wrong!]);
});

test('a server that has not got it after all is asked when it is committed', async () => {
	const [lost] = hashesOf(parts);
	const block = device.server.blocks.get(lost!)!;
	device.server.blocks.delete(lost!);
	device.server.tell(parts);
	await until(() => arriving().length === 1);
	device.server.blocks.set(lost!, block);
	await commit();
	expect(device.server.fetched).toContain(lost);
});

test('what would be excluded here is not fetched, nor what the rules name', async () => {
	device.engine.exclude(['folder']);
	await device.settled();
	await ignores(device.server.arrive('folder/large.bin', LARGE));
	device.at.draw({ '.mydropboxignore': 'large.*' });
	await device.settled();
	await ignores(parts);
});

test('nothing is fetched while it is paused', async () => {
	device.engine.pause();
	await ignores(parts);
});

test('nor what would be beyond its end', async () => {
	const [first] = parts;
	device.server.tell([{ ...first!, start: SIZE }, ...parts.slice(1)]);
	await until(() => isThere(parts.slice(1)));
	await commit();
	expectFetched(hashesOf([first!]));
});

test('nor a small file, for which it does not pay', async () => {
	await ignores(parts.map((part) => ({ ...part, size: PORTIONS.inMemory })));
});

test('nor what is in a folder that is not known here', async () => {
	await ignores(parts.map((part) => ({ ...part, parent: 'f'.repeat(32) as ArrivingPart['parent'] })));
});

test('no more than two are fetched at once; the others with their commit', async () => {
	const others = ['one', 'two', 'three'].map((name) => device.server.arrive(name, bytes(name)));
	device.server.tell(others.flat());
	await until(() => arriving().length === 2);
	for (const name of ['one', 'two', 'three']) device.server.write(name, bytes(name));
	await device.settled();
	for (const name of ['one', 'two', 'three'])
		expect(fs.readFileSync(device.at.path(name)).equals(bytes(name))).toBe(true);
	expect(device.at.temporary()).toEqual([]);
});
