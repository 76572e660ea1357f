import { dirname, relative } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Watcher, WatcherOptions } from './watcher.ts';

/** Where the system watches a whole tree with one handle. */
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
