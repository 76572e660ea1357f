import { keepWatching } from '../src/control/watching.ts';
import type { Watcher, WatcherOptions } from '../src/watch/watcher.ts';

type Events = Pick<WatcherOptions, 'onHint' | 'onTrouble'>;

const LIMIT = Object.assign(new Error('no watches left'), { code: 'ENOSPC' });

/** What happened, in words; watchers that are made fail until there are watches enough. */
let told: string[];
let watchers: Events[];
let hasEnough: boolean;
let stop: AbortController;
/** Lets the time pass that somebody waits for. */
let pass: (() => void) | undefined;
let running: Promise<void>;

beforeEach(() => {
	[told, watchers, hasEnough, stop, pass] = [[], [], true, new AbortController(), undefined];
});
afterEach(async () => {
	stop.abort();
	await running;
});

const watch = (): void => {
	const newWatcher = (events: Events): Watcher => {
		watchers.push(events);
		const start = async () => {
			if (!hasEnough) for (let folder = 0; folder < 3; folder++) events.onTrouble(LIMIT);
		};
		return { start, close: async () => void told.push('closed') };
	};
	const sleep = (ms: number, signal: AbortSignal) =>
		new Promise<void>((resolve) => {
			if (!signal.aborted) told.push(`waits ${ms / 60_000} min`);
			pass = resolve;
			if (signal.aborted) resolve();
			signal.addEventListener('abort', () => resolve());
		});
	const events = {
		onHint: (path: string) => void told.push(`hint ${path}`),
		onTrouble: ({ code }: NodeJS.ErrnoException) => void told.push(`trouble ${code}`),
		onWatching: (hasTrouble: boolean) => void told.push(hasTrouble ? 'watches a part' : 'watches all'),
	};
	running = keepWatching(
		newWatcher,
		{ now: () => 0, monotonic: () => 0, machineStart: () => 0, sleep },
		events,
		stop.signal,
	);
};
/** Until it has nothing more to do. */
const rest = () => new Promise((resolve) => setImmediate(resolve));
/** What was told since it was asked last. */
const take = async () => {
	await rest();
	return told.splice(0);
};

test('hands on hints, and is closed at the end', async () => {
	watch();
	expect(await take()).toEqual(['watches all']);
	watchers[0]!.onHint('a/b');
	expect(await take()).toEqual(['hint a/b']);
	stop.abort();
	expect(await take()).toEqual(['closed']);
	expect(watchers.length).toBe(1);
});

test('S13: trouble is told once, and watching begins anew, later and later, until there is none', async () => {
	hasEnough = false;
	watch();
	expect(await take()).toEqual(['trouble ENOSPC', 'watches a part', 'waits 1 min']);
	watchers[0]!.onHint('a');
	expect(await take()).toEqual(['hint a']);
	for (const minutes of [2, 4, 8, 10, 10]) {
		pass!();
		expect(await take()).toEqual(['closed', 'trouble ENOSPC', 'watches a part', `waits ${minutes} min`]);
	}
	hasEnough = true;
	pass!();
	expect(await take()).toEqual(['closed', 'watches all']);
	watchers.at(-1)!.onTrouble(LIMIT);
	expect(await take()).toEqual(['trouble ENOSPC', 'waits 1 min']);
});

test('what lies too deep to be watched is no trouble', async () => {
	watch();
	watchers[0]!.onTrouble(Object.assign(new Error('too deep'), { code: 'ENAMETOOLONG' }));
	expect(await take()).toEqual(['watches all']);
});
