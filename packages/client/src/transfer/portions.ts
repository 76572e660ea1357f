import { PART_BYTES } from './part-memory.ts';

/** By what it is decided what is done in portions; sizes in bytes. A simulation has smaller files, and smaller portions. */
export interface Portions {
	/** Up to this size a file that comes from the server is put together in memory, and a larger one in a temporary file. */
	readonly inMemory: number;
	/** Asked for in one request, and held in memory until it is written. */
	readonly request: number;
	/** A file of this disk that is larger is read part by part. Longer than the longest block. */
	readonly part: number;
	/** New files and folders that one plan is about. */
	readonly newcomers: number;
}

export const PORTIONS: Portions = {
	inMemory: 2 * 1024 * 1024,
	request: 8 * 1024 * 1024,
	part: PART_BYTES,
	newcomers: 8192,
};
