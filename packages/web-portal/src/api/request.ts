import { ApiError, ERROR_STATUS, ErrorBody, type ErrorCode } from '@mydropbox/protocol';
import { API_BASE } from '@mydropbox/protocol/web';
import type { z } from 'zod';

/** Nothing came back, or something that MyDropbox does not say. Trying again later makes sense. */
export class ServerUnreachable extends Error {
	override readonly name = 'ServerUnreachable';
}

export interface Call {
	readonly query?: Record<string, string | number>;
	readonly body?: unknown;
	readonly signal?: AbortSignal;
}

export function apiUrl(path: string, query: Record<string, string | number> = {}): string {
	const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
	return `${API_BASE}${path}${search.size > 0 ? `?${search}` : ''}`;
}

/** @throws ApiError what the server refused, ServerUnreachable when there was no sensible answer. */
export async function request<T>(method: string, path: string, answer: z.ZodType<T>, call: Call = {}): Promise<T> {
	const response = await send(method, apiUrl(path, call.query), call);
	const parsed = answer.safeParse(response.status === 204 ? undefined : await json(response));
	if (!parsed.success)
		throw new ServerUnreachable('The server gave an answer that this page does not understand. Load the page again.');
	return parsed.data;
}

/** Whether a file can be downloaded now; asks for its head only. */
export async function checkDownload(url: string): Promise<void> {
	const head = await fetch(url, { method: 'HEAD' }).catch(unreachable);
	// A HEAD answer has no body, and it is the body that says why.
	if (!head.ok) (await send('GET', url, {})).body?.cancel();
}

async function send(method: string, url: string, { body, signal }: Call): Promise<Response> {
	const response = await fetch(url, {
		method,
		...(signal && { signal }),
		...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	}).catch(unreachable);
	if (!response.ok) throw problemOf(response.status, await response.text());
	return response;
}

export function problemOf(status: number, body: string): Error {
	const problem = ErrorBody.safeParse(parseJson(body));
	if (problem.success) return new ApiError(knownCode(problem.data.error.code, status), problem.data.error.message);
	return new ServerUnreachable(`The server answered with status ${status}. It may be starting; try again in a moment.`);
}

/** A newer server may know codes that this page does not; the status then tells enough. */
function knownCode(code: string, status: number): ErrorCode {
	if (code in ERROR_STATUS) return code as ErrorCode;
	return status >= 500 ? 'internal' : 'bad-request';
}

const json = async (response: Response): Promise<unknown> => parseJson(await response.text());

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function unreachable(error: unknown): never {
	if (error instanceof DOMException && error.name === 'AbortError') throw error;
	throw new ServerUnreachable('The server does not answer. This page goes on by itself once it is back.');
}
