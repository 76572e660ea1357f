import * as fs from 'node:fs';
import { FolderMissing, RootGuard } from '../src/control/root-guard.ts';
import type { DiskEntry } from '../src/fs/entry.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { MemoryFile, memoryTables } from '../src/state/memory-tables.ts';
import { Store } from '../src/state/store.ts';
import { TestFolder } from './support/folder.ts';
import { NAMESPACE } from './support/ids.ts';

let at: TestFolder;
let store: Store;
let file: MemoryFile;
let guard: RootGuard;
beforeEach(() => {
	at = new TestFolder();
	fs.rmSync(at.path('.mydropbox'), { recursive: true });
	file = new MemoryFile();
	store = new Store(memoryTables(file), NAMESPACE);
	guard = new RootGuard(at.folder, nodeFs, store, NAMESPACE);
	expect(guard.check()).toBe('same');
	const node = { id: 'a' as never, parent: store.root, name: 'a' as never, version: { kind: 'folder' } } as const;
	store.synced.set(node);
	store.local.set({ ...node, disk: { name: 'a', identity: 'i', stamp: '', mtime: '0' as never, racy: false } });
});
afterEach(() => {
	store.close();
	at.remove();
});

const remembered = () => [store.local.count(), store.synced.count()];
const away = () => fs.renameSync(at.folder, `${at.folder}-away`);

describe('root guard', () => {
	test('S11: forgets the old folder in the very step in which it takes the new one, whoever asks', () => {
		away();
		fs.cpSync(`${at.folder}-away`, at.folder, { recursive: true });
		// The daemon asks once when it starts and looks only later; a crash may come in between.
		guard.check();
		expect(remembered()).toEqual([0, 0]);
		expect(guard.check()).toBe('same');
	});

	test('S12: neither a missing folder nor an empty one in its place is evidence of anything', () => {
		away();
		expect(() => guard.check()).toThrow(FolderMissing);
		fs.mkdirSync(at.folder);
		expect(() => guard.check()).toThrow(FolderMissing);
		expect(fs.readdirSync(at.folder)).toEqual([]);
		fs.rmdirSync(at.folder);
		fs.renameSync(`${at.folder}-away`, at.folder);
		expect(guard.check()).toBe('same');
		expect(remembered()).toEqual([1, 1]);
	});

	test('S14: learns from the disk how far its clock is from ours', () => {
		const HOUR = 3_600_000;
		const behind = (entry: DiskEntry) => ({ ...entry, ctime: entry.ctime - BigInt(HOUR) * 1_000_000n });
		const stat: Fs['stat'] = (path) => {
			const entry = nodeFs.stat(path);
			return entry && behind(entry);
		};
		guard = new RootGuard(at.folder, { ...nodeFs, stat }, store, NAMESPACE);
		expect(guard.check()).toBe('same');
		expect(Math.abs(guard.time.at(HOUR))).toBeLessThan(60_000);
	});

	/** As after a restart of the daemon, with this database. */
	const restart = (from: MemoryFile) => {
		store = new Store(memoryTables(from), NAMESPACE);
		guard = new RootGuard(at.folder, nodeFs, store, NAMESPACE);
		return guard.check();
	};
	const change = () => store.transaction(() => undefined);

	test('S11: a database that was put back knows less than the folder, and is no evidence', () => {
		change();
		const old = new MemoryFile(file);
		expect(restart(old)).toBe('same');
		change();
		expect(restart(new MemoryFile(file))).toBe('renewed');
		expect(remembered()).toEqual([0, 0]);
		expect(store.doubt).toBe(false);
		change();
		expect(restart(file)).toBe('renewed');
	});

	test('S4: a folder that was put back may have lost what the database knows', () => {
		change();
		const witness = fs.readFileSync(at.path('.mydropbox/changes'));
		change();
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(false);
		change();
		change();
		fs.writeFileSync(at.path('.mydropbox/changes'), witness);
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(true);
		expect(remembered()).toEqual([1, 1]);
	});

	test('S3: a folder whose disk was away has lost nothing that it was not told then', () => {
		change();
		const old = fs.readFileSync(at.path('.mydropbox/changes'));
		change();
		change();
		away();
		change();
		change();
		fs.renameSync(`${at.folder}-away`, at.folder);
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(false);
		fs.writeFileSync(at.path('.mydropbox/changes'), old);
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(true);
	});

	test('S6: a daemon that dies again and again before it tells the folder is no power cut', () => {
		for (let death = 1; death <= 3; death++) {
			const told = fs.readFileSync(at.path('.mydropbox/changes'));
			change();
			fs.writeFileSync(at.path('.mydropbox/changes'), told);
			expect(restart(file)).toBe('same');
			expect(store.doubt).toBe(false);
		}
	});

	test('S4: a folder that is told again, and then put back, may have lost what it was told', () => {
		away();
		change();
		change();
		fs.renameSync(`${at.folder}-away`, at.folder);
		const old = fs.readFileSync(at.path('.mydropbox/changes'));
		change();
		fs.writeFileSync(at.path('.mydropbox/changes'), old);
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(true);
	});

	test('a number that nobody can read says nothing, and stops nobody', () => {
		change();
		fs.writeFileSync(at.path('.mydropbox/changes'), 'rubbish, and long enough');
		expect(restart(file)).toBe('same');
		expect(store.doubt).toBe(true);
		fs.rmSync(at.path('.mydropbox/changes'));
		fs.mkdirSync(at.path('.mydropbox/changes'));
		expect(restart(file)).toBe('same');
		change();
	});

	test('gets back a temporary folder that somebody deleted', () => {
		fs.rmSync(guard.tempDir, { recursive: true });
		expect(guard.check()).toBe('same');
		expect(fs.existsSync(guard.tempDir)).toBe(true);
	});

	test('a marker torn by a crash is written again, without a delete', () => {
		fs.writeFileSync(at.path('.mydropbox/marker.json'), '{"abo');
		expect(guard.check()).toBe('renewed');
		expect(remembered()).toEqual([0, 0]);
	});
});
