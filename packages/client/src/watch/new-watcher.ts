import { chokidarWatcher } from './chokidar-watcher.ts';
import { folderWatcher } from './folder-watcher.ts';
import type { Watcher, WatcherOptions } from './watcher.ts';

/** The one for this system; see docs/decisions/0010-watching.md. */
export const newWatcher: (options: WatcherOptions) => Watcher =
	process.platform === 'linux' ? folderWatcher : chokidarWatcher;
