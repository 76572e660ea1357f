import type { ContentHash, Mtime } from '@mydropbox/protocol';
import type { DiskEntry } from '../entry.ts';

/** What must be at the path for a change to be made; null: nothing. */
export type Expected = Known | null;

export interface Known extends Pick<DiskEntry, 'identity' | 'stamp' | 'size' | 'mtime'> {
	/** Of a file that was read. */
	readonly content: ContentHash | null;
	/** Of a link: where a clock is slow, another one may look the same otherwise. */
	readonly target: string | null;
}

/** What shall be at a path. */
export type Material =
	| { readonly kind: 'folder' }
	| { readonly kind: 'symlink'; readonly target: string; readonly mtime: Mtime }
	| {
			readonly kind: 'file';
			/** Whole in memory, in pieces; or in a temporary file, staged. */
			readonly source: { readonly pieces: readonly Uint8Array[] } | { readonly staged: string };
			readonly size: number;
			readonly mtime: Mtime;
			readonly exec: boolean;
	  };

export type Change =
	| {
			readonly do: 'write';
			readonly path: string;
			readonly expected: Expected;
			/** Identity of the folder that it shall be in. */
			readonly into: string;
			readonly material: Material;
			/** Where to put what is at the path; nothing may be there yet. */
			readonly displacedTo: string | null;
			/** Where to put a version that a program wrote in the very moment of the change; null: nothing is replaced. */
			readonly rescueTo: string | null;
	  }
	| {
			readonly do: 'touch';
			readonly path: string;
			readonly expected: Expected;
			readonly mtime: Mtime;
			readonly exec: boolean | null;
	  }
	| {
			readonly do: 'move';
			readonly path: string;
			readonly expected: Expected;
			readonly to: string;
			/** Identity of the folder that it shall be in then. */
			readonly into: string;
			/** Both paths are one name for this disk, spelled in two ways. */
			readonly respells: boolean;
			readonly rescueTo: string;
	  }
	| {
			readonly do: 'delete';
			readonly path: string;
			readonly expected: Expected;
			readonly folder: boolean;
			readonly rescueTo: string;
	  };

/**
 * The change is made and durable. `entry` is what it left there; null after a delete. `again`: a program was writing in
 * that very moment, so that something else may be there by now, or beside it.
 */
export interface Done {
	readonly entry: DiskEntry | null;
	readonly again: boolean;
}

export type PublishResult =
	| Done
	/** Nothing was done, because the disk is not as expected: look again. */
	| { readonly surprise: string }
	| { readonly error: string };
