import { dirname, relative } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

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
	/** @param path of the folder in which something happened, relative to `folder`, '' for itself. */
	readonly onHint: (path: string) => void;
	/** Hints will be missing from now on; `reason` says why. */
	readonly onTrouble: (error: NodeJS.ErrnoException) => void;
}

/** Watches folders only, one handle each, whatever the number of files in them. */
export function chokidarWatcher({ folder, except, onHint, onTrouble }: WatcherOptions): Watcher {
	let watcher: FSWatcher | undefined;
	const hint = (path: string) => {
		const parent = relative(folder, dirname(path));
		if (!parent.startsWith('..')) onHint(parent);
	};
	return {
		start: () =>
			new Promise((resolve) => {
				watcher = watch(folder, {
					ignored: { path: except, recursive: true },
					ignoreInitial: true,
					followSymlinks: false,
					// The scanner reports folders that cannot be read, by their path.
					ignorePermissionErrors: true,
					atomic: false,
				});
				watcher.on('all', (_event, path) => hint(path));
				watcher.on('error', (error) => onTrouble(error as NodeJS.ErrnoException));
				watcher.on('ready', () => resolve());
			}),
		close: async () => watcher?.close(),
	};
}
