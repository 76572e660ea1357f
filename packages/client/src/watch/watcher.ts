/** Hints that something happened in a folder. A hint may be late, doubled or missing: the scanner gives the truth. */
export interface Watcher {
	/** Resolves when hints come for everything that is there. */
	start(): Promise<void>;
	close(): Promise<void>;
}

export interface WatcherOptions {
	readonly folder: string;
	/** Absolute path of something to pass over with all that is in it. */
	readonly except: string;
	/**
	 * @param path of the folder in which something happened, relative to `folder`, '' for itself.
	 * @param name under which it happened; undefined: nobody knows.
	 */
	readonly onHint: (path: string, name?: string) => void;
	/** Hints will be missing from now on; `reason` says why. */
	readonly onTrouble: (error: NodeJS.ErrnoException) => void;
}
