import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Entry =
	| { readonly kind: 'folder' }
	| { readonly kind: 'link'; readonly target: string }
	| { readonly kind: 'file'; readonly size: number; readonly mtimeMs: number; readonly executable: boolean };

/** What is below a folder, by relative path; a folder comes before what is in it. */
export type Tree = ReadonlyMap<string, Entry>;

/** What a peer brings over besides names and bytes; only that is asked of it. */
export interface Carried {
	readonly times: boolean;
	readonly executables: boolean;
}

/** Between two looks at the one path that is waited for: exact enough for milliseconds. After seconds, a thousandth of them is. */
const LOOK_EVERY_MS = 2;
/** Times survive a trip through formats that keep microseconds. */
const SAME_TIME_MS = 0.01;
/** Comparing is synchronous, so two buffers are enough for all files. */
const [MINE, YOURS] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];

/** @param prefix what the paths of the answer begin with. */
export function readTree(folder: string, prefix = ''): Tree {
	const tree = new Map<string, Entry>();
	const visit = (path: string): void => {
		for (const name of readdirSync(join(folder, path)).sort()) {
			const inner = join(path, name);
			const entry = readEntry(join(folder, inner));
			tree.set(join(prefix, inner), entry);
			if (entry.kind === 'folder') visit(inner);
		}
	};
	visit('');
	return tree;
}

export function readEntry(path: string): Entry {
	const stats = lstatSync(path);
	if (stats.isDirectory()) return { kind: 'folder' };
	if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path) };
	return { kind: 'file', size: stats.size, mtimeMs: stats.mtimeMs, executable: isExecutable(stats) };
}

const isExecutable = ({ mode }: Stats): boolean => (mode & 0o100) !== 0;

/**
 * Resolves when everything in `present` is there as it should be, as far as its size, time and kind tell, and
 * everything in `absent` is gone. It looks at one path at a time and goes on when that is done, so that waiting takes
 * nothing from those who work. @throws Error that names the path, when it takes too long.
 */
export async function arrived(
	folder: string,
	present: Tree,
	absent: readonly string[],
	carried: Carried,
	withinMs: number,
): Promise<void> {
	const began = performance.now();
	const until = async (path: string, isDone: () => boolean): Promise<void> => {
		while (!isDone()) {
			const waited = performance.now() - began;
			if (waited > withinMs) throw new Error(`${path} did not arrive within ${withinMs / 1000} s.`);
			await sleep(Math.max(LOOK_EVERY_MS, waited / 1000));
		}
	};
	for (const [path, entry] of present) await until(path, () => !difference(join(folder, path), entry, carried));
	for (const path of absent)
		await until(path, () => lstatSync(join(folder, path), { throwIfNoEntry: false }) === undefined);
}

/**
 * Compares every byte, exec bit and link of two folders.
 * @param ignored names directly in the folders that are the peer's own.
 * @returns what differs, as sentences; empty when nothing does.
 */
export function differences(from: string, to: string, ignored: readonly string[], carried: Carried): string[] {
	const isOwn = (path: string): boolean => ignored.includes(path.split('/')[0] ?? '');
	const [expected, found] = [readTree(from), readTree(to)];
	const surplus = [...found.keys()].filter((path) => !isOwn(path) && !expected.has(path));
	const wrong = [...expected].flatMap(([path, entry]) => {
		if (isOwn(path)) return [];
		const what = difference(join(to, path), entry, carried);
		if (what) return [`${path}: ${what}`];
		return entry.kind === 'file' && !sameBytes(join(from, path), join(to, path)) ? [`${path}: other bytes`] : [];
	});
	return [...wrong, ...surplus.map((path) => `${path}: should not be there`)];
}

/** What is different at a path, without its bytes; undefined when nothing is. */
function difference(path: string, expected: Entry, carried: Carried): string | undefined {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (!stats) return 'is missing';
	if (expected.kind === 'folder') return stats.isDirectory() ? undefined : 'is no folder';
	if (expected.kind === 'link') {
		return stats.isSymbolicLink() && readlinkSync(path) === expected.target ? undefined : 'is not that link';
	}
	if (!stats.isFile()) return 'is no file';
	if (stats.size !== expected.size) return `has ${stats.size} bytes, not ${expected.size}`;
	if (carried.times && Math.abs(stats.mtimeMs - expected.mtimeMs) > SAME_TIME_MS) return 'has another time';
	if (carried.executables && isExecutable(stats) !== expected.executable) return 'has another exec bit';
	return undefined;
}

function sameBytes(one: string, other: string): boolean {
	const [left, right] = [openSync(one, 'r'), openSync(other, 'r')];
	try {
		for (;;) {
			const count = readSync(left, MINE);
			if (readSync(right, YOURS) !== count || !MINE.subarray(0, count).equals(YOURS.subarray(0, count))) return false;
			if (count === 0) return true;
		}
	} finally {
		closeSync(left);
		closeSync(right);
	}
}
