import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { NamespaceId } from '@mydropbox/protocol';
import type { Disk } from '../fs/jobs/index.ts';
import { nodeFs } from '../fs/node-fs.ts';
import type { Fs } from '../fs/port.ts';
import { WorkerDisk } from '../fs/worker-disk.ts';
import { sqliteTables } from '../state/sqlite/tables.ts';
import { Store } from '../state/store.ts';
import { PORTIONS, type Portions } from '../transfer/portions.ts';
import { newWatcher } from '../watch/new-watcher.ts';
import type { Watcher, WatcherOptions } from '../watch/watcher.ts';
import { type Clock, systemClock } from './clock.ts';

/** What a sync engine takes from the machine that it runs on. A simulation brings its own. */
export interface Machine {
	readonly clock: Clock;
	/** For a quick look in this thread; all work on files goes through `newDisk`. */
	readonly fs: Fs;
	readonly newDisk: () => Disk;
	/** @param file absolute path of the database. */
	readonly openStore: (file: string, namespace: NamespaceId) => Store;
	readonly newWatcher: (options: WatcherOptions) => Watcher;
	readonly portions: Portions;
	readonly randomBytes: (size: number) => Uint8Array;
	/** Another one after each start of the machine; empty where that cannot be known. */
	readonly bootId: () => string;
}

export const thisMachine: Machine = {
	clock: systemClock,
	fs: nodeFs,
	newDisk: () => new WorkerDisk(),
	openStore: (file, namespace) => new Store(sqliteTables(file), namespace),
	newWatcher,
	portions: PORTIONS,
	randomBytes,
	bootId: () => {
		try {
			return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
		} catch {
			return '';
		}
	},
};
