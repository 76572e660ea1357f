import { chmodSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { NodeId } from '@mydropbox/protocol';
import { Exclusions } from '../../src/control/exclusions.ts';
import { nodeFs } from '../../src/fs/node-fs.ts';
import type { Fs } from '../../src/fs/port.ts';
import { DiskNames } from '../../src/names/disk-names.ts';
import { GRACE_MS } from '../../src/scan/missing.ts';
import type { ScanProblem, ScanResult } from '../../src/scan/result.ts';
import { Scanner } from '../../src/scan/scanner.ts';
import { MemoryFile, memoryTables } from '../../src/state/memory-tables.ts';
import { sqliteTables } from '../../src/state/sqlite/tables.ts';
import { Store } from '../../src/state/store.ts';
import { directDisk } from './direct-disk.ts';
import { type Drawing, TestFolder } from './folder.ts';
import { counting, NAMESPACE } from './ids.ts';

/** A folder with a scanner that looks at it, and the tree that it keeps; a new one after each `begin`. */
export let at: TestFolder;
export let store: Store;
export let scanner: Scanner;
export const clock = { now: 0 };
/** How often others had their turn. */
export let breaths: number;

export function begin(drawing: Drawing, disk: Fs = nodeFs): void {
	at = new TestFolder(drawing);
	store = new Store(memoryTables(new MemoryFile()), NAMESPACE);
	clock.now = 1_000_000;
	breaths = 0;
	useDisk(disk);
}
export function useDisk(disk: Fs, step = 2): void {
	const names = new DiskNames(disk, at.path('.mydropbox'), at.tempDir);
	names.learn();
	const isExcluded = (id: NodeId) => new Exclusions(store, [], { write: () => undefined }).now()(id);
	const more = {
		names,
		isExcluded,
		newId,
		now: () => clock.now,
		pace: { step, breathe: async () => void breaths++ },
	};
	scanner = new Scanner({ store, disk: directDisk(disk), folder: at.folder, ...more });
}
/** Instead of the tables in memory, before anything is in them. */
export function useDatabase(): void {
	store = new Store(sqliteTables(join(at.dir, 'state.db')), NAMESPACE);
}
export const newId = counting();
afterEach(() => {
	store.close();
	chmodSync(at.folder, 0o700);
	at.remove();
});

/** At these folders, or at everything. */
export function look(...paths: string[]): Promise<ScanResult> {
	return scanner.scan(paths.length === 0 ? [store.root] : paths.map((path) => idOf(path)!), paths.length === 0);
}
/** As the control loop does: a second look at what was missing, after the time of grace. */
export async function lookTwice(): Promise<void> {
	await look();
	clock.now += GRACE_MS;
	await scanner.scan(scanner.takeDue(), false);
}

/** Paths of folders in which something is not as it is known under one of these names. */
export async function changedIn(...paths: string[]): Promise<string[]> {
	const folderOf = (path: string) => (path.includes('/') ? idOf(dirname(path))! : store.root);
	const names = new Map<NodeId, Set<string>>();
	for (const [folder, inside] of Map.groupBy(paths, folderOf)) {
		names.set(folder, new Set(inside.map((path) => basename(path))));
	}
	const changed = await scanner.changedIn(names);
	return [...changed].map((id) => store.diskPath(id)!);
}

/** Ids by path. */
export function tree(): Map<string, NodeId> {
	const paths = new Map<string, NodeId>();
	for (const id of store.local.ids()) {
		const path = store.diskPath(id)!;
		expect([path, paths.has(path)]).toEqual([path, false]);
		paths.set(path, id);
	}
	return paths;
}
export const idOf = (path: string): NodeId | undefined => (path === '' ? store.root : tree().get(path));
export const paths = (): string[] => [...tree().keys()].sort();
export const problemsOf = (result: { problems: ReadonlyMap<NodeId, readonly ScanProblem[]> }) =>
	[...result.problems.values()].flat().map(({ path, reason }) => `${path}: ${reason}`);
