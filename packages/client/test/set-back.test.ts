import type { Name, NodeId } from '@mydropbox/protocol';
import { systemClock } from '../src/control/clock.ts';
import { DiskTime } from '../src/control/disk-time.ts';
import { SetBack } from '../src/control/set-back.ts';
import type { DiskEntry } from '../src/fs/entry.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { isAsKnown, nodeOf } from '../src/scan/entry-node.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';
import { RunningEngine } from './support/running-engine.ts';

const HOUR_MS = 3_600_000;
const ID = 'a'.repeat(32) as NodeId;
let at: TestFolder;
let store: Store;
let now: number;
let passed = 0;
/** So long has the machine been running. */
let up: number;
let setBack: SetBack;
let device: RunningEngine | undefined;

beforeEach(() => {
	at = new TestFolder({ file: 'read' });
	store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
	store.local.set(nodeOf(ID, { parent: store.root, name: 'file' as Name }, entry()));
	// Well after the file was written and read.
	now = writtenAt() + 3000;
	up = 10 * HOUR_MS;
	start(now - 1000);
});
afterEach(async () => {
	store.close();
	at.remove();
	await device?.remove();
	device = undefined;
});

/** @param before what the clock had shown to another daemon. */
function start(before: number): void {
	const clock = { now: () => now, monotonic: () => passed, machineStart: () => now - up, sleep: async () => undefined };
	setBack = new SetBack(clock, new DiskTime(), store, before);
	setBack.look();
}
const entry = () => nodeFs.stat(at.path('file'))!;
const writtenAt = () => Number(entry().ctime / 1_000_000n);
const pass = (milliseconds: number, shown = milliseconds) => {
	passed += milliseconds;
	up += milliseconds;
	now += shown;
};
const isRacy = () => store.local.get(ID)!.disk.racy;
/** Whether a look has something to do about it; then it is read, or marked. */
const isNews = () => !isAsKnown(store.local.get(ID)!, entry(), now);

describe('S14: a clock that was set back', () => {
	test('what was written at a time that has come again is read again', () => {
		// Idle for four seconds, and set back by six: the time of the file has come and gone.
		pass(4000, -2000);
		setBack.look();
		expect(isNews()).toBe(true);
	});

	test('what was written at a time that is still to come is read when that is over', () => {
		pass(10, -5000);
		setBack.look();
		expect(isRacy()).toBe(true);
		expect(isNews()).toBe(false);
		pass(5000);
		expect(isNews()).toBe(true);
	});

	test('a look that finds it ahead of the clock is enough', () => {
		expect(isNews()).toBe(false);
		now = writtenAt() - 5000;
		expect(isNews()).toBe(true);
	});

	test('a clock that goes on, or is set forward, or trembles, changes nothing', () => {
		for (const shown of [1000, 3_600_000, 990]) {
			pass(1000, shown);
			setBack.look();
		}
		expect(isRacy()).toBe(false);
	});

	test('nor is anything read again that is older', () => {
		pass(10, 3_600_000);
		setBack.look();
		pass(10, -5000);
		setBack.look();
		expect(isRacy()).toBe(false);
	});

	test('a start before the last change of an earlier daemon is enough', () => {
		start(now + 1000);
		expect(isNews()).toBe(true);
	});

	test('while no daemon runs, it is known by the start of the machine, which seems to have been earlier', () => {
		pass(2 * HOUR_MS, HOUR_MS);
		start(now - HOUR_MS / 2);
		expect(isNews()).toBe(true);
	});

	test('a machine that was started since, or counts in seconds, has been set back by nobody', () => {
		pass(1000, HOUR_MS);
		up = 1000;
		start(now - HOUR_MS / 2);
		up += 999;
		start(now);
		expect(isRacy()).toBe(false);
	});

	test('what is written while no daemon runs, at a time that has come again, is found', async () => {
		device = new RunningEngine({ plan: 'first' });
		// As if it had been written long ago, whatever happens to it now.
		const longAgo = String(BigInt(Date.now() - 2 * HOUR_MS) * 1_000_000n + 1n);
		const aged = <Entry extends DiskEntry | undefined>(entry: Entry): Entry =>
			entry?.kind === 'file'
				? { ...entry, ctime: BigInt(longAgo), stamp: entry.stamp.replace(String(entry.ctime), longAgo) }
				: entry;
		device.disk = {
			...nodeFs,
			stat: (path) => aged(nodeFs.stat(path)),
			list: (path) => ({ ...nodeFs.list(path), entries: nodeFs.list(path).entries.map(aged) }),
		};
		await device.start();
		await device.settled();
		await device.stop();
		device.at.draw({ plan: 'FIRST' });
		await device.start({ ...systemClock, now: () => Date.now() - HOUR_MS });
		await device.settled();
		expect(device.server.drawing()).toEqual({ plan: 'FIRST' });
	});
});
