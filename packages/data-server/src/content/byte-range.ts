import { ApiError } from '@mydropbox/protocol';
import type { Request, Response } from 'express';

/** Bytes [start, end) of a file. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}

/**
 * The range that a request asks for (RFC 9110, 14). Undefined when the whole file is the answer, which is always
 * allowed: no range, several at once, another unit, nonsense, or a range of a version (If-Range) that is not current.
 * @throws ApiError `range-not-satisfiable`, with the size in the headers.
 */
export function requestedRange(request: Request, reply: Response, etag: string, size: number): ByteRange | undefined {
	const condition = request.get('if-range');
	if (condition !== undefined && condition !== etag) return undefined;
	const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(request.get('range')?.replaceAll(' ', '') ?? '') ?? [];
	if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
	if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
	const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
	const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
	if (start < end) return { start, end };
	reply.set('Content-Range', `bytes */${size}`);
	throw new ApiError('range-not-satisfiable', `The file has ${size} bytes; the range lies outside.`);
}
