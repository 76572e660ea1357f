import type { Watcher, WatcherOptions } from '../watch/watcher.ts';
import type { Clock } from './clock.ts';

export interface WatchingEvents {
	readonly onHint: WatcherOptions['onHint'];
	/** Hints are missing from now on. */
	readonly onTrouble: (error: NodeJS.ErrnoException) => void;
	/** What happens from now on is hinted at; with trouble, not all of it. */
	readonly onWatching: (hasTrouble: boolean) => void;
}

type NewWatcher = (events: Pick<WatcherOptions, 'onHint' | 'onTrouble'>) => Watcher;

const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 10 * 60_000;

/**
 * Watches until the signal fires, and anew some time after trouble: by then somebody may have raised a limit. What a
 * watcher in trouble still sees is told. Never rejects.
 */
export async function keepWatching(
	newWatcher: NewWatcher,
	clock: Clock,
	{ onHint, onTrouble, onWatching }: WatchingEvents,
	signal: AbortSignal,
): Promise<void> {
	const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
	for (let pause = FIRST_RETRY_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
		const trouble = Promise.withResolvers<void>();
		let hasTrouble = false;
		const watcher = newWatcher({
			onHint,
			onTrouble: (error) => {
				// What lies too deep to be watched lies too deep to be synced, and the scanner lists it.
				if (error.code === 'ENAMETOOLONG') return;
				if (!hasTrouble) onTrouble(error);
				hasTrouble = true;
				trouble.resolve();
			},
		});
		await Promise.race([watcher.start(), stopped]);
		if (!signal.aborted) onWatching(hasTrouble);
		if (!hasTrouble) pause = FIRST_RETRY_MS;
		await Promise.race([trouble.promise, stopped]);
		await clock.sleep(pause, signal);
		await watcher.close();
	}
}
