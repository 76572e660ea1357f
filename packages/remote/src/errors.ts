import { ApiError, type ErrorCode } from '@mydropbox/protocol';

/** No answer came: refused, timed out, cut off. Whether the server did what was asked is unknown. */
export class ServerUnreachable extends Error {
	override readonly name = 'ServerUnreachable';
	/** The origin that was asked. */
	readonly address: string;
	/** What the network said, in a few words. */
	readonly reason: string;

	constructor(address: string, cause: unknown) {
		const reason = describe(cause);
		super(`The server at ${address} cannot be reached: ${reason}. Nothing is lost; try again when it is back.`, {
			cause,
		});
		this.address = address;
		this.reason = reason;
	}
}

/** An answer came, and it is not one of the protocol. */
export class UnexpectedAnswer extends Error {
	override readonly name = 'UnexpectedAnswer';
	readonly address: string;

	constructor(address: string, detail: string, options?: ErrorOptions) {
		super(
			`${address} gave an answer that MyDropbox does not understand (${detail}). Check that the address is right.`,
			options,
		);
		this.address = address;
	}
}

/** The device's refresh token opens nothing any more: it was revoked, or the password was changed. */
export class SignedOut extends Error {
	override readonly name = 'SignedOut';

	constructor(cause: unknown) {
		super('This device was signed out. Sign in again with `mydropbox login`; nothing in the folder is touched.', {
			cause,
		});
	}
}

const REASONS: Record<string, string> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'the connection was cut',
	EPIPE: 'the connection was cut',
	UND_ERR_SOCKET: 'the connection was cut',
	ENOTFOUND: 'no such host',
	EAI_AGAIN: 'the host name cannot be looked up now',
	EHOSTUNREACH: 'no route to the host',
	ENETUNREACH: 'no network',
	ETIMEDOUT: 'no answer in time',
	UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
	UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
	UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
};

function describe(cause: unknown): string {
	const code = errorCode(cause);
	return (code && REASONS[code]) ?? code ?? (cause instanceof Error ? cause.message : String(cause));
}

export function errorCode(error: unknown): string | undefined {
	const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
	return typeof code === 'string' ? code : undefined;
}

/** For codes that this version does not know, and for errors that come from something in between, such as a proxy. */
export function codeForStatus(status: number): ErrorCode {
	return CODE_FOR_STATUS[status] ?? (status < 500 ? 'bad-request' : 'internal');
}

const CODE_FOR_STATUS: Record<number, ErrorCode> = {
	401: 'not-signed-in',
	403: 'forbidden',
	404: 'not-found',
	405: 'method-not-allowed',
	409: 'stale',
	413: 'too-large',
	415: 'unsupported-type',
	416: 'range-not-satisfiable',
	426: 'protocol-version',
	429: 'too-many-requests',
	502: 'upstream-failed',
	503: 'not-ready',
	504: 'upstream-failed',
	507: 'disk-full',
};

const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	'internal',
	'upstream-failed',
	'not-ready',
	'data-server-unavailable',
	'too-many-requests',
	'truncated-body',
	'bad-block',
]);

/** Whether the same request may succeed later without anybody changing it. */
export function isPassing(error: unknown): boolean {
	if (error instanceof ServerUnreachable || error instanceof UnexpectedAnswer) return true;
	return error instanceof ApiError && PASSING.has(error.code);
}
