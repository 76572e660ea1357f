import { type Disk, JOBS } from '../../src/fs/jobs/index.ts';
import type { Fs } from '../../src/fs/port.ts';

/** Runs jobs in place. */
export const directDisk = (fs: Fs): Disk => ({
	run: async (name, ...args) => (JOBS[name] as (...all: unknown[]) => never)(fs, ...args),
	close: async () => undefined,
});
