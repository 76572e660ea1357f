import type { NamespaceId, NodeId } from '@mydropbox/protocol';
import type { SyncServer } from '@mydropbox/remote';
import type { Logger } from 'pino';
import type { Disk } from '../fs/jobs/index.ts';
import type { Store } from '../state/store.ts';
import type { Exclusions } from './exclusions.ts';
import type { Ignored } from './ignored.ts';
import type { Problems } from './problems.ts';
import type { Progress } from './progress.ts';

/** What the parts of one sync engine share. */
export interface Context {
	readonly store: Store;
	readonly disk: Disk;
	readonly server: SyncServer;
	readonly namespace: NamespaceId;
	/** Absolute path of the synced folder. */
	readonly folder: string;
	readonly exclusions: Exclusions;
	readonly ignored: Ignored;
	readonly problems: Problems;
	readonly progress: Progress;
	readonly log: Logger;
}

/** What a running round listens to. */
export interface Round {
	/** Milliseconds of work that a plan is worth: much less, and most of the time goes into planning. */
	readonly planWorthMs: number;
	readonly signal: AbortSignal;
	/** Paused or stopping: nothing new may begin. */
	readonly halted: () => boolean;
	/** Halted, or something new waits: finish the request at hand and come back; the next plan goes on where this one stopped. */
	readonly interrupted: () => boolean;
	/** Folders whose disk was not as the local tree has it. */
	readonly look: (folder: NodeId) => void;
}
