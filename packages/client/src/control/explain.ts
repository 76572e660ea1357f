import { ApiError, type Refusal } from '@mydropbox/protocol';
import { ServerUnreachable, SignedOut } from '@mydropbox/remote';
import type { HeldDeletes, Problem } from '../daemon/engine.ts';
import { INSTANCES, raise, WATCHES } from '../watch/limits.ts';
import { FolderMissing } from './root-guard.ts';

const DISK: Record<string, [reason: string, nextStep: string]> = {
	EACCES: [
		'This device does not allow it (permission denied).',
		'Make it, and the folder that it is in, readable and writable for your user; it is tried again by itself.',
	],
	EPERM: [
		'This device does not allow it (operation not permitted).',
		'It may belong to another user or be protected: make it yours (chown); it is tried again by itself.',
	],
	ENOSPC: ['There is not enough room for it on the disk.', 'Make room; it is tried again by itself.'],
	EDQUOT: ['Your quota on this disk is used up.', 'Make room; it is tried again by itself.'],
	EIO: ['The disk reports an error.', 'Check the disk; it is tried again by itself.'],
	EROFS: ['The disk is read-only.', 'Mount it writable; it is tried again by itself.'],
	ENAMETOOLONG: ['The name or path is too long for this disk.', 'Shorten it on another device or in the browser.'],
	EBUSY: ['Another program holds it.', 'It is tried again by itself.'],
	EXDEV: [
		'It lies on another disk than the folder.',
		'Things on other disks inside the folder cannot be changed from elsewhere; move it.',
	],
};

/** What an error of the disk means to a person. */
export function diskProblem(path: string, code: string): Problem {
	const [reason, nextStep] = DISK[code] ?? [`The disk refused (${code}).`, 'It is tried again by itself.'];
	return { path, reason, nextStep };
}

/** Refusals that the next look at the server resolves by itself are undefined. */
const REFUSED: Record<Refusal, [reason: string, nextStep: string] | undefined> = {
	stale: undefined,
	'name-taken': undefined,
	'no-parent': undefined,
	'not-a-folder': undefined,
	'not-empty': undefined,
	'changed-below': undefined,
	'missing-blocks': undefined,
	'unknown-content': undefined,
	'kind-changed': undefined,
	cycle: undefined,
	'is-root': undefined,
	'bad-content': [
		'The server found that the content does not fit its hash.',
		'The file is read and sent again by itself.',
	],
	'too-deep': ['It lies too deep: a path has at most 200 names.', 'Move it further up.'],
	'quota-exceeded': [
		'It does not fit in the space that is left in your account.',
		'Delete something or ask for more space; it is tried again by itself.',
	],
	unknown: [
		'The server refuses it for a reason that this version of MyDropbox does not know.',
		'Update MyDropbox on this device; it is tried again by itself.',
	],
};

export function refusalProblem(path: string, code: Refusal): Problem | undefined {
	const text = REFUSED[code];
	return text && { path, reason: text[0], nextStep: text[1] };
}

/** Only an update helps, so asking again soon does not. */
export const isVersionApart = (error: unknown): boolean =>
	error instanceof ApiError && error.code === 'protocol-version';

/** What stands in the way of everything. */
export type FailureKind = 'folder' | 'account' | 'state' | 'version' | 'internal';

/** What it means that a whole round failed, apart from what passes by itself. */
export function explainFailure(error: unknown): { kind: FailureKind; problem: Problem } {
	const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
	if (error instanceof FolderMissing) {
		const nextStep = `${error.nextStep} It is looked for every few seconds.`;
		return { kind: 'folder', problem: { path: '', reason: message, nextStep } };
	}
	if (code && DISK[code]) return { kind: 'folder', problem: diskProblem('', code) };
	if (code === 'ERR_SQLITE_ERROR' && STATE[errcode ?? 0]) {
		const [reason, nextStep] = STATE[errcode ?? 0]!;
		return { kind: 'state', problem: { path: '', reason, nextStep } };
	}
	if (error instanceof SignedOut || (error instanceof ApiError && error.status === 401)) {
		return {
			kind: 'account',
			problem: { path: '', reason: message, nextStep: 'Sign in again with: mydropbox login' },
		};
	}
	if (isVersionApart(error)) {
		const nextStep = 'Update MyDropbox where it is older; nothing in the folder is touched until then.';
		return { kind: 'version', problem: { path: '', reason: message, nextStep } };
	}
	const whose = error instanceof ApiError ? 'The server refuses' : 'Something unexpected happened';
	const nextStep = 'It is tried again by itself; `mydropbox logs` tells more.';
	return { kind: 'internal', problem: { path: '', reason: `${whose}: ${message}`, nextStep } };
}

/** What SQLite's result codes say about the disk that this device keeps its own state on. */
const STATE: Record<number, [reason: string, nextStep: string] | undefined> = {
	8: [
		'What MyDropbox has to remember cannot be written: its state is read-only.',
		'`mydropbox doctor` says where it is; make it writable. It is tried again by itself.',
	],
	10: [
		'What MyDropbox has to remember cannot be written: the disk reports an error.',
		'`mydropbox doctor` says where it is; check that disk. It is tried again by itself.',
	],
	13: [
		'What MyDropbox has to remember cannot be written: the disk that its state is on is full.',
		'`mydropbox doctor` says where it is; make room there. It is tried again by itself.',
	],
};

/** Why nothing can be sent and fetched now, as a sentence. */
export const whyOffline = (error: unknown): string =>
	error instanceof ServerUnreachable
		? `The server at ${error.address} cannot be reached: ${error.reason}.`
		: (error as Error).message;

/** Hints are missing from now on. */
export const watchProblem = ({ code, message }: NodeJS.ErrnoException, rescanMs: number): Problem => ({
	path: '',
	reason: `Not every folder can be watched (${code ?? message}), so changes are found only by looking at everything every ${rescanMs / 1000} seconds.`,
	nextStep: `${WATCH_LIMIT[code ?? ''] ?? 'Run: mydropbox doctor'}. It is tried again by itself within ten minutes, or at once when MyDropbox is restarted.`,
});

const MOST_WATCHES = 1_048_576;
const MOST_INSTANCES = 1024;
/** What to do when the system has no more of something for us; the doctor counts how many are needed. */
const WATCH_LIMIT: Record<string, string | undefined> = {
	ENOSPC: raise(WATCHES, MOST_WATCHES),
	EMFILE: raise(INSTANCES, MOST_INSTANCES),
};

/** So many deletes that a person is asked before they go to the server. */
export const heldDeletesProblem = ({ files, folder, example, since }: HeldDeletes): Problem => ({
	path: folder,
	reason: `${files} ${files === 1 ? 'file is' : 'files are'} gone from this device (${example}${files > 1 ? ' and others' : ''}), so many that nothing has been deleted elsewhere. It waits for your answer since ${since.slice(0, 16).replace('T', ' ')} UTC.`,
	nextStep: 'If they shall go: `mydropbox confirm` deletes them everywhere. If not: `mydropbox undo` brings them back.',
});

/** Nothing is wrong with it. */
export const waitsFor = (path: string, other: string): Problem => ({
	path,
	reason: path === other ? 'It waits for what the server has under this name.' : `It waits for ${other}.`,
	nextStep: 'It follows by itself as soon as that is in order.',
});

/** What is not in step must be listed, even where nobody knows why. */
export const unexplained = (path: string, count: number): Problem => ({
	path,
	reason: `It waits for something that MyDropbox does not understand${count > 1 ? `, as do ${count - 1} others` : ''}.`,
	nextStep: 'It is tried again with the next change; `mydropbox logs` tells more.',
});
