import type { Mtime } from '@mydropbox/protocol';
import type { DiskEntry } from './entry.ts';

/** A name that is there, and of which nothing more can be said. */
export interface Unreachable {
	readonly name: string;
	/** EILSEQ: it is not UTF-8. ENAMETOOLONG: the path to it is longer than the system takes. */
	readonly code: 'EILSEQ' | 'ENAMETOOLONG';
}

/**
 * The disk as the jobs see it: synchronous, because a job runs in a thread of its own, where synchronous calls on many
 * small files are far faster than promises. Paths are absolute.
 *
 * Every call MUST either do what it says or throw a Node error with `code` (ENOENT, EEXIST, EACCES, ENOSPC, EIO, …) and
 * have done nothing. Nothing is durable before `syncFile` (bytes) and `syncFolder` (names), or `syncAll`, have returned.
 */
export interface Fs {
	/** undefined when there is nothing of that name. Never follows a link. */
	stat(path: string): DiskEntry | undefined;
	/** All names in a folder, each with its stat; one that vanishes meanwhile is left out. */
	list(path: string): { entries: DiskEntry[]; unreachable: Unreachable[] };
	/** Reads up to `buffer.length` bytes at `position`; 0 at the end. */
	read(file: number, buffer: Uint8Array, position: number): number;
	openRead(path: string): number;
	/** Opens for writing, creates it when it is not there, and keeps what it holds. */
	openWrite(path: string): number;
	/** Creates it for writing; EEXIST when the name is taken. */
	openNew(path: string): number;
	write(file: number, bytes: Uint8Array, position: number): void;
	truncate(file: number, size: number): void;
	syncFile(file: number): void;
	close(file: number): void;
	syncFolder(path: string): void;
	/**
	 * Makes durable whatever was written before on the file system of `path`, bytes and names: for many files in the time
	 * that two or three of them take alone. Other jobs may go on meanwhile. ENOSYS where this machine cannot do that.
	 */
	syncAll(path: string): Promise<void>;
	/** A second name for the same thing; EEXIST when the name is taken. */
	link(from: string, to: string): void;
	/** Replaces what is at `to`. */
	rename(from: string, to: string): void;
	unlink(path: string): void;
	makeFolder(path: string): void;
	/** ENOTEMPTY when something is in it. */
	removeFolder(path: string): void;
	symlink(target: string, path: string): void;
	/** To the microsecond, on a disk that keeps that much; otherwise not later than asked for. Of a symlink, the link itself. */
	setMtime(path: string, mtime: Mtime): void;
	/** Permission bits. */
	setMode(path: string, mode: number): void;
	/** Bytes that may still be written to the disk of a path; Infinity where it does not say. */
	freeBytes(path: string): number;
	/** Three numbers with dots, which no other thread has: several publish at once into the same directory. */
	ownName(): string;
	/** Milliseconds since 1970, of the clock that stamps the files. */
	now(): number;
}
