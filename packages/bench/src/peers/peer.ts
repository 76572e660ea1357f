import type { Network } from '../machines/network.ts';
import type { Carried } from '../tree.ts';

/**
 * A tool that people would pick to bring a folder from A over a server to B.
 *
 * It MUST run with its fair, documented settings: what a careful person would set after reading its manual, and
 * nothing that trades safety for speed beyond its defaults. `settings` says all of it in one sentence, for the report.
 */
export interface Peer {
	readonly name: string;
	readonly settings: string;
	readonly carries: Carried;
	/** Names in the synced folder that are its own. */
	readonly ownNames: readonly string[];
	/** The workloads that it takes part in by default; undefined: in all that are meant for peers. */
	readonly workloads?: readonly string[];
	/** @returns its version; undefined when it is not installed. */
	version(): string | undefined;
	/** Sets it up in new, empty folders and starts whatever runs all the time. Nothing is left when it rejects. */
	open(site: Site): Promise<Installation>;
}

/** Where one installation lives. */
export interface Site {
	readonly network: Network;
	/** The folder on A, that on B, and what the server keeps: they exist and are empty. On one file system. */
	readonly folderA: string;
	readonly folderB: string;
	readonly store: string;
	/** For its settings, state and logs. */
	readonly home: string;
}

export interface Installation {
	/** It notices changes by itself. Otherwise it moves only when `carry` runs it. */
	readonly isContinuous: boolean;
	/**
	 * Called right after A was changed. A tool that is run by hand runs here, both hops, and is done when it resolves;
	 * one that notices by itself returns at once, and MUST NOT be helped.
	 */
	carry(): Promise<void>;
	/** Everything is looked at again, with nothing changed: a full rescan of A at least. Resolves when that is done. */
	recheck(): Promise<void>;
	/** Stops what runs on A and starts it again; resolves when it says that all is up to date. Only of the continuous. */
	restart?(): Promise<void>;
	/** Resolves when nothing is going on any more on any machine. */
	quiet(): Promise<void>;
	/** How other devices join, where a crowd of them can be played by a program that speaks the protocol. */
	readonly joining?: { readonly site: string; readonly username: string; readonly password: string };
	/** Stops everything it has started; resolves when it is gone. */
	close(): Promise<void>;
}
