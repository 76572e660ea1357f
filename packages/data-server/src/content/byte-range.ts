import { ApiError } from '@mydropbox/protocol';
import type { Request, Response } from 'express';
import parseRange from 'range-parser';

/** Bytes [start, end) of a file. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}

/**
 * The range that a request asks for; undefined when the whole file is the answer: no range, several that are not one,
 * nonsense, or a range of a version (If-Range) that is no longer the current one.
 * @throws ApiError `range-not-satisfiable`, with the size in the headers.
 */
export function requestedRange(request: Request, reply: Response, etag: string, size: number): ByteRange | undefined {
	const header = request.get('range');
	const condition = request.get('if-range');
	if (header === undefined || (condition !== undefined && condition !== etag)) return undefined;
	const ranges = parseRange(size, header, { combine: true });
	if (ranges === -1) {
		reply.set('Content-Range', `bytes */${size}`);
		throw new ApiError('range-not-satisfiable', `The file has ${size} bytes; the range lies outside.`);
	}
	if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
	const [{ start, end }] = ranges as unknown as [{ start: number; end: number }];
	return { start, end: end + 1 };
}
