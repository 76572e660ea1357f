import type { Readable } from 'node:stream';
import type { ContentQuery } from '@mydropbox/protocol';
import type { Http } from './http.ts';
import type { CallOptions } from './port.ts';

/** Ranges and conditions of a browser, which the data server understands. */
export const CONTENT_REQUEST_HEADERS: readonly string[] = [
	'range',
	'if-range',
	'if-none-match',
	'if-match',
	'if-modified-since',
	'if-unmodified-since',
];

/** What the data server says about the bytes; whoever passes them on passes this on. */
export const CONTENT_RESPONSE_HEADERS: readonly string[] = [
	'accept-ranges',
	'cache-control',
	'content-disposition',
	'content-length',
	'content-range',
	'content-security-policy',
	'content-type',
	'etag',
	'last-modified',
];

export interface ContentOptions extends CallOptions {
	/** Access token of whoever reads. */
	readonly token: string;
	readonly method?: 'GET' | 'HEAD';
	/** Conditions and ranges of the request, as they came from a browser. */
	readonly headers?: Record<string, string>;
}

/** A file's bytes on their way. Whoever has it MUST read `body` to its end or destroy it. */
export interface ContentAnswer {
	/** 200, 206, 304 or 416; everything else was thrown. */
	readonly status: number;
	readonly headers: Record<string, string | string[] | undefined>;
	readonly body: Readable;
}

const PASSED_ON = [304, 416];

export async function openContent(http: Http, query: ContentQuery, options: ContentOptions): Promise<ContentAnswer> {
	const { token, method = 'GET', headers = {}, signal } = options;
	const { version, ...which } = query;
	const asked = version === undefined ? which : { ...which, version: String(version) };
	const call = { method, path: '/v1/content', query: asked, token, headers, signal };
	const { statusCode, headers: answered, body } = await http.send(call, PASSED_ON);
	// Whoever reads it hears of an error; whoever destroys it unread must not bring the process down.
	body.on('error', () => {});
	return { status: statusCode, headers: answered, body };
}
