import type { NodeId } from '@mydropbox/protocol';
import type { Disk } from '../fs/jobs/index.ts';
import type { Store } from '../state/store.ts';
import { Scan } from './scan.ts';

/** Of everything in the folder, the one name that is MyDropbox's own. */
export const PRIVATE_FOLDER = '.mydropbox';

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
}

/**
 * Brings the local tree up to date with what the disk shows. The tree changes in one transaction at the end, and only
 * on evidence: a node is gone when its folder was read without error and does not have it, and nothing with its
 * identity turned up elsewhere.
 */
export class Scanner {
	readonly #options: ScannerOptions;

	constructor(options: ScannerOptions) {
		this.#options = options;
	}

	/**
	 * @param folders ids of folders; one that is not in the local tree any more is passed over.
	 * @param below whether to look at everything below them, too. What is new is always looked at whole.
	 */
	async scan(folders: Iterable<NodeId>, below: boolean): Promise<ScanResult> {
		const { store } = this.#options;
		const start = [...folders].filter((id) => id === store.root || store.local.get(id)?.version.kind === 'folder');
		return new Scan(this.#options, below).run(start);
	}
}
