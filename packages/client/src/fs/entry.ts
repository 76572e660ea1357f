import type { Mtime } from '@mydropbox/protocol';

/** What the disk says about one name. */
export interface DiskEntry {
	readonly name: string;
	/** `other`: a socket, a device, a pipe; never synced. */
	readonly kind: 'file' | 'folder' | 'symlink' | 'other';
	/** Which file system. */
	readonly device: string;
	/** The same for the same thing under another name; device, inode and birth, since inodes are used again. */
	readonly identity: string;
	/** Changes with every write that is not within one tick of the clock: size, mtime, ctime, mode. Empty for folders. */
	readonly stamp: string;
	readonly size: number;
	readonly mtime: Mtime;
	/** Nanoseconds since 1970. */
	readonly ctime: bigint;
	readonly exec: boolean;
	/** Permission bits. */
	readonly mode: number;
	/** Only of symlinks; null for one that is not valid UTF-8, too. */
	readonly target: string | null;
	/** How many names it has on this disk. */
	readonly links: number;
}

/** Size and mtime alone: what stays the same when only links to the file were made or removed. */
export const contentStamp = ({ size, mtime }: Pick<DiskEntry, 'size' | 'mtime'>): string => `${size}-${mtime}`;
