import {
	type Clock,
	type Deselected,
	type Engine,
	type EngineStatus,
	type ExcludedFile,
	PRIVATE_FOLDER,
	Store,
	SyncEngine,
	type Watcher,
	type WatcherOptions,
} from '@mydropbox/client';
import { type DeviceId, type NamespaceId, randomId } from '@mydropbox/protocol';
import { ByteMeter, withRetry } from '@mydropbox/remote';
import type { DeviceState } from './device-state.ts';
import { DaemonFs } from './disk/daemon-fs.ts';
import { failure, type Inode } from './disk/inode.ts';
import { SimDisk } from './disk/sim-disk.ts';
import { SimJobs } from './disk/sim-jobs.ts';
import { SimNetwork, type Weather } from './network.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimServer } from './server.ts';

export const ROOT = '/folder';
export const OWN = `${ROOT}/${PRIVATE_FOLDER}`;
/** When the world begins, milliseconds since 1970. */
export const BEGINNING = Date.UTC(2026, 10, 21, 9);

/** What is wrong with a device's watcher; probabilities per hint. */
export interface Eyes {
	blind: number;
	double: number;
	/** Mean delay, milliseconds. */
	delay: number;
}

/** One run of the daemon, from its start to its end, good or bad. */
interface Life {
	alive: boolean;
	/** By itself, so that its database is closed. */
	stopped: boolean;
	readonly engine: Engine;
	readonly state: DeviceState;
	store: Store | undefined;
	watcher: WatcherOptions | undefined;
}

export interface DeviceOptions {
	readonly name: string;
	readonly server: SimServer;
	readonly scheduler: Scheduler;
	/** Chance, one stream for each thing that needs it: who draws more of one leaves the others as they are. */
	readonly random: (stream: string) => Random;
	/** An empty database. */
	readonly newState: () => DeviceState;
	readonly namespace: NamespaceId;
	/** Nanoseconds between two ticks of the clock that stamps files. */
	readonly tick: bigint;
	readonly weather: Weather;
	readonly eyes: Eyes;
	readonly note: (what: string) => void;
	/** Before each call of the daemon to its disk: other programs may do something now. */
	readonly intrude: (device: Device) => void;
	/** The daemon has put something where people see it. */
	readonly onPlaced: (device: Device, path: string, inode: Inode) => void;
	/** The daemon has changed something where people see it. */
	readonly onDaemonChange: (device: Device, call: string, path: string) => void;
	/** Wraps what a power cut does to the disk. */
	readonly onPowerCut: (device: Device, cut: () => void) => void;
	readonly log: (device: string, text: string) => void;
}

/** A machine with a disk, a clock, a way to the server, and a daemon that lives, dies and is started again. */
export class Device {
	readonly name: string;
	readonly disk: SimDisk;
	readonly weather: Weather;
	readonly eyes: Eyes;
	/** What the clock shows more than it should, milliseconds. */
	clockError = 0;
	full = false;
	/** Calls to the disk until the daemon dies. */
	dyingIn: { calls: number; how: 'crash' | 'power' } | undefined;
	isMounted = true;
	/** Grows with each power cut: programs that ran before do not go on. */
	boots = 0;
	/** Outlives every daemon and every database. */
	#excluded: readonly Deselected[] = [];
	readonly #excludedFile: ExcludedFile = {
		read: () => this.#excluded,
		write: (deselected) => {
			this.#excluded = deselected;
		},
	};
	readonly #options: DeviceOptions;
	readonly #id: DeviceId;
	readonly #random: Record<'ids' | 'network' | 'disk' | 'watcher' | 'trouble', Random>;
	readonly #randomBytes: (size: number) => Uint8Array;
	#life: Life | undefined;
	/** For the next daemon; undefined: it has none. */
	#state: DeviceState | undefined;
	#remount: (() => void) | undefined;

	constructor(options: DeviceOptions) {
		this.#options = options;
		this.name = options.name;
		this.weather = options.weather;
		this.eyes = options.eyes;
		const { random } = options;
		this.#random = {
			ids: random('ids'),
			network: random('network'),
			disk: random('disk'),
			watcher: random('watcher'),
			trouble: random('trouble'),
		};
		this.#randomBytes = (size) => this.#random.ids.bytes(size);
		this.#id = randomId<DeviceId>(this.#randomBytes);
		this.disk = new SimDisk({
			now: () => BigInt(Math.floor(this.now() * 1e6)),
			tick: options.tick,
			onChange: (folder) => this.#hint(folder),
		});
		this.disk.create(ROOT, 'folder', { mode: 0o755 });
		this.disk.syncAll();
	}

	now(): number {
		return BEGINNING + this.#options.scheduler.now + this.clockError;
	}

	get isRunning(): boolean {
		return this.#life !== undefined;
	}

	status(): EngineStatus | undefined {
		return this.#life?.engine.status();
	}

	/** For whoever reads a trace: the nodes that are not alike in its three trees. */
	unsettled(): string[] {
		const store = this.#life?.store;
		if (!store) return [];
		return [...store.dirty].map((id) => {
			const [local, remote, synced] = [store.local.get(id), store.remote.get(id), store.synced.get(id)];
			return `${id}\n  local ${JSON.stringify(local)}\n  remote ${JSON.stringify(remote)}\n  synced ${JSON.stringify(synced)}`;
		});
	}

	pause(): void {
		this.#life?.engine.pause();
	}

	resume(): void {
		this.#life?.engine.resume();
	}

	start(): void {
		if (this.#life) return;
		const { scheduler, server, note, namespace, log, newState } = this.#options;
		const { network: random, disk } = this.#random;
		this.#state ??= newState();
		const state = this.#state;
		const isAlive = () => life.alive;
		const fs = this.#daemonFs(isAlive);
		const asker = { device: this.#id, deviceName: this.name };
		const tell = (what: string) => note(`${this.name} ${what}`);
		const network = new SimNetwork({ server, scheduler, random, weather: this.weather, asker, isAlive, note: tell });
		const clock = this.#clock(isAlive);
		const say = (level: string) => (more: unknown, text?: string) =>
			log(this.name, `${level} ${text ?? ''} ${more instanceof Object ? JSON.stringify(more, errors) : more}`);
		const engine = new SyncEngine(
			{
				folder: ROOT,
				stateDir: '/state',
				excludedFile: this.#excludedFile,
				deviceName: this.name,
				namespace,
				server: withRetry(network, {
					random: () => random.float(),
					sleep: async (ms, signal) => {
						await clock.sleep(ms, signal ?? new AbortController().signal);
						signal?.throwIfAborted();
					},
				}),
				traffic: new ByteMeter(),
				log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') } as never,
			},
			{
				clock,
				fs,
				newDisk: () => new SimJobs(fs, scheduler, disk, isAlive),
				openStore: (_file, id) => {
					life.store = new Store(state.open, id);
					return life.store;
				},
				newWatcher: (options) => this.#watcher(life, options),
				randomBytes: this.#randomBytes,
				bootId: () => String(this.boots),
			},
		);
		const life: Life = { alive: true, stopped: false, engine, state, store: undefined, watcher: undefined };
		this.#life = life;
		engine.start().catch((error) => {
			// A person would start it again when the disk is in order.
			log(this.name, `could not start: ${error}`);
			life.alive = false;
			life.stopped = true;
			if (this.#life === life) this.#life = undefined;
			scheduler.after(1000, () => this.start());
		});
	}

	/** Ends the daemon as a person does. */
	async stop(): Promise<void> {
		const life = this.#life;
		await life?.engine.stop();
		if (life) life.stopped = true;
		if (life) life.alive = false;
		if (this.#life === life) this.#life = undefined;
	}

	/** Ends the daemon between two instructions. */
	crash(): void {
		const life = this.#life;
		if (!life) return;
		life.alive = false;
		this.#life = undefined;
		this.dyingIn = undefined;
		this.#state = life.state.copy();
		// What still runs of it in this step may touch the store; later there is nothing left of it.
		this.#options.scheduler.after(0, () => {
			if (!life.stopped) life.store?.close();
		});
	}

	/** The machine stops: the disk keeps what was synced, and the database all that was committed, for it syncs each. */
	cutPower(): void {
		this.crash();
		// It is mounted again when the machine starts.
		if (!this.isMounted) this.mount();
		this.#options.onPowerCut(this, () => this.disk.cutPower(this.#random.trouble));
		this.boots++;
	}

	/** A copy of the database as it is now. */
	copyState(): DeviceState {
		return this.#state?.copy() ?? this.#options.newState();
	}

	/** The next daemon finds this database, or none. */
	useState(state: DeviceState | undefined): void {
		this.#state = state;
	}

	/** Not before the daemon has seen the folder: nobody could tell it from the empty one then. */
	unmount(): void {
		if (!this.isMounted || !this.disk.find(`${OWN}/marker.json`)) return;
		this.isMounted = false;
		this.#remount = this.disk.unmount(ROOT);
		this.#hint(ROOT);
	}

	mount(): void {
		this.#remount?.();
		this.#remount = undefined;
		this.isMounted = true;
		this.#hint(ROOT);
	}

	/** The watcher says that it cannot see everything. */
	overflow(): void {
		this.#life?.watcher?.onTrouble(Object.assign(new Error('too many'), { code: 'ENOSPC' }));
	}

	#daemonFs(isAlive: () => boolean): DaemonFs {
		const { intrude, onPlaced, onDaemonChange, scheduler, note } = this.#options;
		const isVisible = (path: string) => path.startsWith(`${ROOT}/`) && path !== OWN && !path.startsWith(`${OWN}/`);
		return new DaemonFs(
			this.disk,
			{
				before: (call, path) => {
					if (isAlive() && this.dyingIn && --this.dyingIn.calls <= 0) {
						const { how } = this.dyingIn;
						note(`${this.name} ${how} at ${call} ${path}`);
						if (how === 'power') this.cutPower();
						else this.crash();
						scheduler.after(this.#random.trouble.soon(1500), () => this.start());
					}
					if (!isAlive()) throw new Error('The daemon is dead.');
					// Node has no exchange of names: what a program renames to the path in this very moment is lost.
					if (isVisible(path) && call !== 'rename') intrude(this);
					if (this.full && GROWING.has(call)) throw failure('ENOSPC', path);
				},
				placed: (path, inode) => {
					if (isVisible(path)) onPlaced(this, path, inode);
				},
				changed: (call, path) => {
					if (!isVisible(path)) return;
					note(`${this.name} daemon ${call} ${path}`);
					onDaemonChange(this, call, path);
				},
			},
			() => Math.floor(this.now()),
			this.#random.trouble.chance(0.5),
		);
	}

	#clock(isAlive: () => boolean): Clock {
		const { scheduler } = this.#options;
		return {
			now: () => Math.floor(this.now()),
			sleep: (milliseconds, signal) =>
				new Promise((resolve) => {
					if (signal.aborted) {
						resolve();
						return;
					}
					const done = () => {
						signal.removeEventListener('abort', aborted);
						if (isAlive()) resolve();
					};
					const cancel = scheduler.after(milliseconds, done);
					const aborted = () => {
						cancel();
						done();
					};
					signal.addEventListener('abort', aborted, { once: true });
				}),
		};
	}

	#watcher(life: Life, options: WatcherOptions): Watcher {
		const { scheduler } = this.#options;
		const { watcher: random } = this.#random;
		return {
			start: () =>
				new Promise((resolve) => {
					scheduler.after(random.soon(30), () => {
						if (!life.alive) return;
						life.watcher = options;
						resolve();
					});
				}),
			close: async () => {
				life.watcher = undefined;
			},
		};
	}

	/** @param folder in which something happened. */
	#hint(folder: string): void {
		const life = this.#life;
		if (!life?.watcher || (folder !== ROOT && !folder.startsWith(`${ROOT}/`))) return;
		if (folder === OWN || folder.startsWith(`${OWN}/`)) return;
		const { scheduler } = this.#options;
		const { watcher: random } = this.#random;
		if (random.chance(this.eyes.blind)) return;
		const times = random.chance(this.eyes.double) ? 2 : 1;
		for (let i = 0; i < times; i++) {
			scheduler.after(random.soon(this.eyes.delay), () => {
				if (life.alive) life.watcher?.onHint(folder.slice(ROOT.length + 1));
			});
		}
	}
}

const GROWING = new Set(['create', 'grow', 'link', 'mkdir', 'symlink']);

const errors = (_key: string, value: unknown): unknown => (value instanceof Error ? value.stack : value);
