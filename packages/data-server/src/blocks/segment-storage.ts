import type { UserId } from '@mydropbox/protocol';
import { z } from 'zod';

export const SegmentId = z
	.string()
	.regex(/^[0-9a-f]{32}$/)
	.brand<'SegmentId'>();
export type SegmentId = z.infer<typeof SegmentId>;

export interface SegmentKey {
	readonly owner: UserId;
	readonly segment: SegmentId;
}

/**
 * Where segments lie: a directory, an object store. Five calls, and this contract; the suite in testkit
 * (`segmentStorageContract`) holds every implementation to it.
 *
 * A segment is immutable. It is there whole or not at all: `write`, interrupted at any point, MUST leave nothing that
 * `read`, `list` or `stat` would show. Segments of different owners MUST be kept apart.
 * Any call MAY run beside any other. A failure of the medium (I/O error, network) is thrown as it comes.
 */
export interface SegmentStorage {
	/**
	 * Stores the bytes under a key that was never used before. After it resolves they survive a power cut. When
	 * `pieces` throws, nothing is stored and the same error is thrown. The pieces are the storage's from then on: it MAY
	 * give their memory back.
	 * @returns how many bytes were stored.
	 * @throws ApiError `disk-full` when there is no room.
	 */
	write(key: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number>;

	/**
	 * @returns exactly `length` bytes from `offset`, in memory that is the caller's.
	 * @throws SegmentLost when the segment is not there or ends before.
	 */
	read(key: SegmentKey, offset: number, length: number): Promise<Buffer>;

	/** Every segment that was there all the time; one that comes or goes meanwhile MAY be among them. */
	list(): AsyncIterable<SegmentKey>;

	/** After it resolves the segment is gone. Deleting what is not there is no error. */
	delete(key: SegmentKey): Promise<void>;

	/** @returns undefined when there is no such segment. */
	stat(key: SegmentKey): Promise<{ readonly bytes: number; readonly writtenAt: Date } | undefined>;
}

/** Bytes that were stored are not there any more. Trying again does not help. */
export class SegmentLost extends Error {
	override readonly name = 'SegmentLost';

	constructor({ owner, segment }: SegmentKey, what: string, options?: ErrorOptions) {
		super(`segment ${segment} of ${owner} ${what}`, options);
	}
}
