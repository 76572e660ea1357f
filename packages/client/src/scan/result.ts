import type { NodeId } from '@mydropbox/protocol';
import type { Disk } from '../fs/jobs/index.ts';
import type { Store } from '../state/store.ts';

export interface ScanProblem {
	/** Relative to the folder. */
	readonly path: string;
	readonly reason: string;
	readonly nextStep: string;
}

export interface ScanResult {
	/** Per folder that was looked at, what is wrong in it now. */
	readonly problems: ReadonlyMap<NodeId, readonly ScanProblem[]>;
	/** Folders that changed under our eyes and have to be looked at again. */
	readonly again: readonly NodeId[];
}

export interface ScannerOptions {
	readonly store: Store;
	readonly disk: Disk;
	/** Absolute path of the synced folder. */
	readonly folder: string;
	readonly newId: () => NodeId;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}
