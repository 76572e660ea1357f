import type { Fs } from '../port.ts';
import { cutFile, matchBlocks } from './cut.ts';
import { listFolders, statPaths } from './list.ts';
import { publish } from './publish.ts';
import { readBlocks, readFiles } from './read.ts';
import { readTexts } from './read-texts.ts';
import { recover, undoHalfMoves } from './recover.ts';
import { renameStaged, stage } from './stage.ts';

/** Everything that is done on a disk, by name. Jobs run in worker threads, or in place in a simulation. */
export const JOBS = {
	listFolders,
	statPaths,
	readFiles,
	cutFile,
	matchBlocks,
	readTexts,
	readBlocks,
	stage,
	renameStaged,
	publish,
	recover,
	undoHalfMoves,
};
export type JobName = keyof typeof JOBS;
type WithoutFs<Job> = Job extends (fs: Fs, ...args: infer Args) => infer Result
	? { args: Args; result: Awaited<Result> }
	: never;
export type JobArgs<Name extends JobName> = WithoutFs<(typeof JOBS)[Name]>['args'];
export type JobResult<Name extends JobName> = WithoutFs<(typeof JOBS)[Name]>['result'];

/**
 * Runs jobs. Any number may be under way; they MUST be about different files, or `stage` different parts of one. Rejects only when the job itself is
 * broken or the runner was closed: what a disk refuses is part of the results.
 */
export interface Disk {
	run<Name extends JobName>(name: Name, ...args: JobArgs<Name>): Promise<JobResult<Name>>;
	close(): Promise<void>;
}
