/** A thing on a simulated disk, whatever its names. */
export interface Inode {
	readonly number: number;
	/** Which file system. */
	readonly device: string;
	readonly kind: 'file' | 'folder' | 'symlink';
	/** Nanoseconds, as all times here. */
	readonly birth: bigint;
	mtime: bigint;
	ctime: bigint;
	mode: number;
	/** Of files; never changed, only replaced. */
	bytes: Uint8Array;
	/** Whether the daemon wrote the bytes last. */
	isDaemons: boolean;
	/** Of symlinks. */
	readonly target: string | null;
	/** Of folders. */
	readonly children: Map<string, Inode>;
	/** Where a folder is. */
	parent: Inode | null;
	links: number;
	/** What a power cut leaves: bytes and times at the last sync; null before the first. */
	durable: { readonly bytes: Uint8Array; readonly mtime: bigint; readonly ctime: bigint } | null;
	/** Names that a power cut leaves. */
	readonly durableChildren: Map<string, Inode>;
	/** What the daemon gets when it wants to read or change it. */
	broken: 'EACCES' | 'EIO' | null;
	/** A listing has left it out once. */
	wasSkipped: boolean;
	/** Names in a folder that a listing has left out once. */
	readonly skipped: Set<string>;
	/** From this byte on a file cannot be read. */
	badFrom: number;
}

export const NOTHING = new Uint8Array(0);

export interface NewInode {
	readonly number: number;
	readonly now: bigint;
	readonly kind: Inode['kind'];
	readonly mode: number;
	readonly target?: string;
	readonly device?: string;
}

export function newInode({ number, now, kind, mode, target, device }: NewInode): Inode {
	return {
		number,
		device: device ?? '1',
		kind,
		birth: now,
		mtime: now,
		ctime: now,
		mode,
		bytes: NOTHING,
		isDaemons: false,
		target: target ?? null,
		children: new Map(),
		parent: null,
		links: 0,
		durable: null,
		durableChildren: new Map(),
		broken: null,
		wasSkipped: false,
		skipped: new Set(),
		badFrom: Number.POSITIVE_INFINITY,
	};
}

/** An error as Node throws it. */
export function failure(code: string, path: string): Error {
	return Object.assign(new Error(`${code}: ${path}`), { code });
}
