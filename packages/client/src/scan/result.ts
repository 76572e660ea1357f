import type { NodeId } from '@mydropbox/protocol';
import type { Disk } from '../fs/jobs/index.ts';
import type { DiskNames } from '../names/disk-names.ts';
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
	/** Per folder that was looked at, how many things in it are ignored; a folder counts as one. */
	readonly ignored: ReadonlyMap<NodeId, number>;
	/** Folders that were listed… */
	readonly listed: ReadonlySet<NodeId>;
	/** …and those that could not be, or not yet: what is in them is not known. */
	readonly unlisted: ReadonlySet<NodeId>;
	/** Folders that changed under our eyes and have to be looked at again. */
	readonly again: readonly NodeId[];
	/** New files, if there are very many, each with its size in bytes. */
	readonly newcomers: ReadonlyMap<NodeId, number>;
	/** Rules are just being written: what they will say is not known yet. */
	readonly rulesPending: boolean;
	/** Rules have changed, or were not known in a look at everything: everything has to be looked at again. */
	readonly everythingAgain: boolean;
}

/** How very many new files are taken up. */
export interface Pace {
	/** So many at once, in bounded memory… */
	readonly step: number;
	/** …and between two steps others have their turn. */
	readonly breathe: () => Promise<void>;
}

export interface ScannerOptions {
	readonly store: Store;
	readonly disk: Disk;
	/** Absolute path of the synced folder. */
	readonly folder: string;
	/** Whether a node of the remote tree is deliberately not kept on this device. */
	readonly isExcluded: (id: NodeId) => boolean;
	readonly names: DiskNames;
	readonly newId: () => NodeId;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	readonly pace: Pace;
}
