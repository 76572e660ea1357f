import { ApiError, type ErrorCode, REFUSALS, type Refusal } from '@mydropbox/protocol';

/** What a refused operation is called in the web API. */
const CODES: Record<Refusal, ErrorCode> = {
	stale: 'stale',
	'name-taken': 'name-taken',
	'no-parent': 'not-found',
	'not-a-folder': 'bad-path',
	'not-empty': 'stale',
	'changed-below': 'stale',
	'missing-blocks': 'upstream-failed',
	'unknown-content': 'upstream-failed',
	'bad-content': 'upstream-failed',
	cycle: 'bad-path',
	'kind-changed': 'stale',
	'too-deep': 'bad-path',
	'quota-exceeded': 'quota-exceeded',
	'is-root': 'bad-path',
	unknown: 'upstream-failed',
};

const NEXT: Partial<Record<Refusal, string>> = {
	stale: 'It changed a moment ago on another device. Look at it again, then repeat.',
	'changed-below': 'Something in it changed a moment ago on another device. Look at it again, then repeat.',
	'name-taken': 'Choose another name.',
	'quota-exceeded': 'Delete something to make room.',
};

/** @param what begins the message, such as `“a.txt” was not moved`. */
export function refused(code: Refusal, what: string): ApiError {
	const next = NEXT[code];
	return new ApiError(CODES[code], `${what}: ${REFUSALS[code]}.${next ? ` ${next}` : ''}`);
}
