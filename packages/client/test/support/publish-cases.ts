import type { Mtime } from '@mydropbox/protocol';
import type { Change, Expected, PublishResult } from '../../src/fs/jobs/change.ts';
import { publish } from '../../src/fs/jobs/publish.ts';
import { readFiles } from '../../src/fs/jobs/read.ts';
import { nodeFs } from '../../src/fs/node-fs.ts';
import type { Fs } from '../../src/fs/port.ts';
import { TestFolder } from './folder.ts';
import { type Call, hookedFs } from './hooked-fs.ts';

export const OLD = 'the old version';
export const NEW = 'the new version, which is longer';
export const MTIME = '1600000000123456000' as Mtime;

/** Where the case that was begun last is; whoever begins one removes it. */
export let at: TestFolder;

export function beginWith(drawing: Record<string, string>): void {
	at = new TestFolder(drawing);
}

export const stat = (path: string) => nodeFs.stat(path)!;
export const expected = (path: string): Expected => {
	const read = readFiles(nodeFs, [path])[0]!;
	return { ...stat(path), content: 'content' in read ? read.content.hash : null };
};
export const bytes = (text: string) => ({
	kind: 'file' as const,
	source: { pieces: [Buffer.from(text)] },
	size: text.length,
	mtime: MTIME,
	exec: false,
});
export const identityOf = (folder: string) => stat(at.path(folder)).identity;
export const rescueTo = () => at.path('dir/rescued.txt');

interface Case {
	readonly change: () => Change;
	/** What the folder shows before and after. */
	readonly before: Record<string, string>;
	readonly after: Record<string, string>;
	/** Paths that are there before and after, and so must always be. */
	readonly always: readonly string[];
}

export const FILE = 'dir/file.txt';
export const CASES: Record<string, Case> = {
	'makes a file': {
		before: { 'dir/': '' },
		after: { [FILE]: NEW },
		always: [],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: null,
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'makes a link': {
		before: { 'dir/': '' },
		after: { 'dir/link': '→ nowhere' },
		always: [],
		change: () => ({
			do: 'write',
			path: at.path('dir/link'),
			expected: null,
			into: identityOf('dir'),
			material: { kind: 'symlink', target: 'nowhere', mtime: MTIME },
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'replaces a file': {
		before: { [FILE]: OLD },
		after: { [FILE]: NEW },
		always: [FILE],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'replaces a file that steps aside': {
		before: { [FILE]: OLD },
		after: { [FILE]: NEW, 'dir/aside.txt': OLD },
		always: [FILE],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: at.path('dir/aside.txt'),
			rescueTo: rescueTo(),
		}),
	},
	'moves a file': {
		before: { [FILE]: OLD, 'other/': '' },
		after: { 'other/moved.txt': OLD, 'dir/': '' },
		always: [],
		change: () => ({
			do: 'move',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('other'),
			to: at.path('other/moved.txt'),
			respells: false,
			rescueTo: rescueTo(),
		}),
	},
	'moves a folder': {
		before: { [FILE]: OLD, 'other/': '' },
		after: { 'other/dir/file.txt': OLD },
		always: [],
		change: () => ({
			do: 'move',
			path: at.path('dir'),
			expected: expected(at.path('dir')),
			into: identityOf('other'),
			to: at.path('other/dir'),
			respells: false,
			rescueTo: rescueTo(),
		}),
	},
	'deletes a file': {
		before: { [FILE]: OLD },
		after: { 'dir/': '' },
		always: [],
		change: () => ({
			do: 'delete',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			folder: false,
			rescueTo: rescueTo(),
		}),
	},
	'gives a file other times': {
		before: { [FILE]: OLD },
		after: { [FILE]: OLD },
		always: [FILE],
		change: () => ({ do: 'touch', path: at.path(FILE), expected: expected(at.path(FILE)), mtime: MTIME, exec: true }),
	},
};
export const NAMES = Object.keys(CASES);

export function begin(name: string): { change: Change; case_: Case } {
	beginWith(CASES[name]!.before);
	return { change: CASES[name]!.change(), case_: CASES[name]! };
}

export async function callsOf(name: string): Promise<Call[]> {
	const { change } = begin(name);
	const calls: Call[] = [];
	await publish(hookedFs(nodeFs, { before: (call) => void calls.push(call) }), at.tempDir, [change]);
	at.remove();
	return calls;
}

export const run = async (fs_: Fs, change: Change): Promise<PublishResult> =>
	(await publish(fs_, at.tempDir, [change]))[0]!;
