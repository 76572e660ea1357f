import type { ArrivalId, Name, NodeId } from '@mydropbox/protocol';
import type { Context, Round } from '../src/control/context.ts';
import { DiskTime } from '../src/control/disk-time.ts';
import { Problems } from '../src/control/problems.ts';
import { LocalReader } from '../src/control/read-local.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { nodeOf } from '../src/scan/entry-node.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import { PORTIONS } from '../src/transfer/portions.ts';
import { directDisk } from './support/direct-disk.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';

const id = '1'.repeat(32) as NodeId;
let now: number;
/** When the disk's threads work, if that is not when they are heard. */
let diskNow: number | undefined;
let at: TestFolder;
let store: Store;
let problems: Problems;
let reader: LocalReader;
let time: DiskTime;

beforeEach(() => {
	now = 1_800_000_000_123;
	diskNow = undefined;
	at = new TestFolder({ 'busy.log': 'one more line' });
	store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
	const clock = { now: () => now, monotonic: () => now, machineStart: () => 0, sleep: async () => undefined };
	problems = new Problems(clock);
	time = new DiskTime();
	reader = new LocalReader(
		{
			store,
			problems,
			disk: directDisk({ ...nodeFs, now: () => diskNow ?? now }),
			folder: at.folder,
		} as unknown as Context,
		clock,
		time,
		() => '2'.repeat(32) as ArrivalId,
		PORTIONS.part,
	);
});
afterEach(() => {
	store.close();
	at.remove();
});

/** As a scan has just found it, after a program wrote to it. */
const written = (stampedAt = now) => {
	const entry = nodeFs.stat(at.path('busy.log'))!;
	const stamp = entry.stamp.replace(/^(\d+:\d+):\d+/, `$1:${BigInt(stampedAt) * 1_000_000n}`);
	store.local.set(nodeOf(id, { parent: store.root, name: 'busy.log' as Name }, { ...entry, stamp }));
};
const round = { interrupted: () => false, halted: () => false, look: () => undefined } as unknown as Round;
const isRead = async () => {
	await reader.read([id], round, false);
	const { version } = store.local.get(id)!;
	return version.kind === 'file' && version.content !== null;
};

test('a file that is written to all the time is told, read all the same, and told no more when it is quiet', async () => {
	for (let waited = 0; waited < 5000; waited += 20) {
		written();
		expect([await isRead(), problems.list()]).toEqual([false, []]);
		now += 20;
	}
	written();
	expect([await isRead(), problems.list()]).toEqual([true, [expect.objectContaining({ path: 'busy.log' })]]);
	written();
	expect([await isRead(), problems.isBusy]).toEqual([false, true]);
	now += 1000;
	expect([await isRead(), problems.list()]).toEqual([true, []]);
});

test('S2: what a program has written after the look, and just before it is read, is left alone, too', async () => {
	now = Number(nodeFs.stat(at.path('busy.log'))!.ctime / 1_000_000n) - 1000;
	written();
	now += 1010;
	expect(await isRead()).toBe(false);
	now += 1000;
	expect(await isRead()).toBe(true);
});

test('S2: what was read just after it was written is not quiet because we hear of it late', async () => {
	const { ctime } = nodeFs.stat(at.path('busy.log'))!;
	diskNow = Number(ctime / 1_000_000n) + 10;
	now = diskNow - 1000;
	written();
	now += 2000;
	expect(await isRead()).toBe(false);
	diskNow = now;
	expect(await isRead()).toBe(true);
});

test('S2: whether a file is quiet is judged by the clock that stamps it, which may be another machine’s', async () => {
	const behind = now - 3001;
	time.learn(BigInt(behind) * 1_000_000n, now, now + 5);
	written(behind);
	expect(await isRead()).toBe(false);
	now += 1000;
	expect(await isRead()).toBe(true);
});
