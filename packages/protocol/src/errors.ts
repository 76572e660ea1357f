/**
 * Every error code that travels, with the HTTP status it is sent with. The one place where the two meet.
 * A message beside the code says what happens next.
 */
export const ERROR_STATUS = {
	'bad-request': 400,
	'bad-name': 400,
	'bad-path': 400,
	'bad-block': 400,
	'truncated-body': 400,
	'not-signed-in': 401,
	'wrong-password': 401,
	'token-expired': 401,
	forbidden: 403,
	'csrf-refused': 403,
	'sign-up-closed': 403,
	'not-found': 404,
	'no-such-route': 404,
	'method-not-allowed': 405,
	'username-taken': 409,
	'email-taken': 409,
	'name-taken': 409,
	'epoch-changed': 409,
	'idempotency-mismatch': 409,
	stale: 409,
	'too-large': 413,
	'unsupported-type': 415,
	'range-not-satisfiable': 416,
	'protocol-version': 426,
	'too-many-requests': 429,
	internal: 500,
	'upstream-failed': 502,
	'not-ready': 503,
	'data-server-unavailable': 503,
	'no-capacity': 507,
	'quota-exceeded': 507,
	'disk-full': 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** An expected refusal. Thrown by a server it becomes an ErrorBody; thrown by `remote` it is one that came back. */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	readonly code: ErrorCode;
	/** Seconds after which trying again makes sense, when the server said so. */
	readonly retryAfter: number | undefined;

	constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
		super(message, 'cause' in options ? { cause: options.cause } : {});
		this.code = code;
		this.retryAfter = options.retryAfter;
	}

	get status(): number {
		return ERROR_STATUS[this.code];
	}
}
