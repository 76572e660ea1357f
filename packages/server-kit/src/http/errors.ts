import { ApiError, type ErrorBody } from '@mydropbox/protocol';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';
import { isDatabaseAway, isDiskFull } from '../sql/faults.ts';
import { explainToNewer } from './version.ts';

/** What Express and its body parser throw. */
interface HttpFault {
	readonly type?: string;
	readonly status?: number;
}

const BODY_FAULTS: Record<string, () => ApiError> = {
	'entity.parse.failed': () => new ApiError('bad-request', 'The body is not valid JSON; nothing was done.'),
	'entity.verify.failed': () => new ApiError('bad-request', 'The body is not valid UTF-8; nothing was done.'),
	'entity.too.large': () => new ApiError('too-large', 'The body is larger than this server takes; send less at once.'),
	'encoding.unsupported': () => new ApiError('unsupported-type', 'The body has an unknown Content-Encoding.'),
	'charset.unsupported': () => new ApiError('unsupported-type', 'JSON must be sent as UTF-8.'),
	'request.aborted': () => new ApiError('truncated-body', 'The body ended early; send it again.'),
	'request.size.invalid': () => new ApiError('truncated-body', 'The body ended early; send it again.'),
};

/** Answers with whatever went wrong: the one place where errors become HTTP. */
export function answerErrors(error: unknown, request: Request, reply: Response, _next: NextFunction): void {
	// Nobody is there to hear it, and most likely that is the whole fault.
	if (reply.destroyed || request.socket.destroyed) {
		request.log.debug({ err: error }, 'the client went away');
		return;
	}
	const refusal = toApiError(explainToNewer(request, error), String(request.id));
	if (refusal.code === 'internal') request.log.error({ err: error }, 'unexpected error');
	// Not the message: it may name a file.
	else if (refusal.status >= 500)
		request.log.warn({ code: refusal.code, err: refusal.cause }, 'the request could not be fulfilled');
	if (reply.headersSent) {
		// Too late for words: a cut connection is the only honest end of a half-sent answer.
		reply.destroy();
		return;
	}
	if (refusal.retryAfter !== undefined) reply.set('Retry-After', String(Math.ceil(refusal.retryAfter)));
	const body: ErrorBody = {
		error: { code: refusal.code, message: refusal.message, request: String(request.id) },
	};
	reply.set('Cache-Control', 'no-store');
	// The rest of the body is still on its way and nobody wants to read it.
	if (refusal.code === 'too-large') reply.set('Connection', 'close');
	reply.status(refusal.status).json(body);
}

function toApiError(error: unknown, requestId: string): ApiError {
	if (error instanceof ApiError) return error;
	if (isDatabaseAway(error)) {
		return new ApiError('not-ready', 'The server cannot reach its database right now; try again in a moment.', {
			cause: error,
			retryAfter: 2,
		});
	}
	if (isDiskFull(error)) {
		return new ApiError(
			'disk-full',
			"The server's disk is full; nothing was saved. Its administrator has to make room.",
			{
				cause: error,
			},
		);
	}
	const fault = BODY_FAULTS[(error as HttpFault | null)?.type ?? ''];
	if (fault) return fault();
	if (error instanceof URIError || (error as HttpFault | null)?.status === 400) {
		return new ApiError('bad-request', 'The request could not be understood; nothing was done.');
	}
	return new ApiError(
		'internal',
		`Something went wrong in the server. Try again; if it stays, tell whoever runs it that request ${requestId} failed.`,
		{ cause: error },
	);
}

/** @throws ApiError `bad-request` that names the fields. */
export function parseAs<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	throw new ApiError('bad-request', explainIssues(parsed.error, where));
}

const ISSUES_SHOWN = 3;
/** Names of unknown fields are in the message, however many and long they are. */
const ISSUE_CHARACTERS = 300;

function explainIssues(error: z.ZodError, where: string): string {
	const shown = error.issues.slice(0, ISSUES_SHOWN).map((issue) => {
		const field = z.core.toDotPath(issue.path as (string | number)[]);
		const { message } = issue;
		const short = message.length > ISSUE_CHARACTERS ? `${message.slice(0, ISSUE_CHARACTERS)}…` : message;
		return `${field === '' ? where : field}: ${short}`;
	});
	const more = error.issues.length - shown.length;
	return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}. Nothing was done.`;
}
