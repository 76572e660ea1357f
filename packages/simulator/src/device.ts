import type { EngineStatus, JobName, Portions } from '@mydropbox/client';
import { type DeviceId, type NamespaceId, randomId } from '@mydropbox/protocol';
import type { DeviceState } from './device-state.ts';
import { DaemonFs } from './disk/daemon-fs.ts';
import type { DiskKind } from './disk/disk-kinds.ts';
import { failure, type Inode } from './disk/inode.ts';
import { SimDisk } from './disk/sim-disk.ts';
import type { Count } from './effects.ts';
import { Exclusions } from './exclusions.ts';
import { Life, type LifeOptions } from './life.ts';
import type { Weather } from './network.ts';
import { BEGINNING, isVisible, OWN, ROOT } from './places.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimServer } from './server/server.ts';
import type { Eyes } from './sim-watcher.ts';

/** Of a daemon, by itself or with its machine. */
export type Death = 'crash' | 'power' | 'torn-overwrite';

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
	/** How far that clock is ahead of the machine's, milliseconds. */
	readonly diskAhead: number;
	/** Its daemon asks a person about a few deletes. */
	readonly asksSoon: boolean;
	readonly portions: Portions;
	readonly diskKind: DiskKind;
	readonly weather: Weather;
	readonly eyes: Eyes;
	readonly note: (what: string) => void;
	readonly count: Count;
	/** That a listing of a folder that is changing misses something. */
	readonly skips: number;
	/** Before each call of the daemon to something that people see: other programs may do something now. */
	readonly intrude: (device: Device, call: string, path: string) => void;
	/** The daemon has put something where people see it. */
	readonly onPlaced: (device: Device, path: string, inode: Inode) => void;
	/** The daemon has changed something where people see it. */
	readonly onDaemonChange: (device: Device, call: string, path: string) => void;
	/** The daemon dies while it is putting things with these names into the folder. */
	readonly onDeath: (device: Device, unrecorded: readonly string[]) => void;
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
	/** Bytes that the disk still takes. */
	room = Number.POSITIVE_INFINITY;
	/** Calls to the disk until the daemon dies; `waits`: counted from when it next changes something that people see. */
	dyingIn: { calls: number; how: Death; waits?: boolean } | undefined;
	isMounted = true;
	#isPaused = false;
	/** Grows with each power cut: programs that ran before do not go on. */
	boots = 0;
	/** When the machine was started, by the scheduler. */
	#startedAt = 0;
	readonly exclusions: Exclusions;
	readonly #options: DeviceOptions;
	readonly #id: DeviceId;
	readonly #random: LifeOptions['random'] & Record<'trouble' | 'state' | 'listings', Random>;
	#life: Life | undefined;
	/** For the next daemon; undefined: it has none. */
	#state: DeviceState | undefined;
	#remount: (() => void) | undefined;

	constructor(options: DeviceOptions) {
		this.#options = options;
		this.name = options.name;
		this.weather = options.weather;
		this.eyes = options.eyes;
		const { random, note } = options;
		const say = (what: string) => note(`${this.name} ${what}`);
		this.exclusions = new Exclusions(() => this.#life?.engine, say);
		this.#random = {
			ids: random('ids'),
			network: random('network'),
			disk: random('disk'),
			watcher: random('watcher'),
			trouble: random('trouble'),
			state: random('state'),
			listings: random('listings'),
		};
		this.#id = randomId<DeviceId>((size) => this.#random.ids.bytes(size));
		this.disk = new SimDisk({
			now: () => BigInt(Math.floor((this.now() + options.diskAhead) * 1e6)),
			tick: options.tick,
			kind: options.diskKind,
			onChange: (folder, name) => this.#hint(folder, name),
			onOtherSpelling: (path, how) => {
				if (isVisible(path)) options.count(how);
			},
		});
		if (options.diskAhead !== 0) options.count('other-clock');
		this.disk.create(ROOT, 'folder', { mode: 0o755 });
		this.disk.syncAll();
	}

	now(): number {
		return BEGINNING + this.#options.scheduler.now + this.clockError;
	}

	get isRunning(): boolean {
		return this.#life !== undefined;
	}

	/** What the daemon is just doing on the disk. */
	get job(): JobName | undefined {
		return this.#life?.job;
	}

	status(): EngineStatus | undefined {
		return this.#life?.engine.status();
	}

	/** For whoever reads a trace: the nodes that are not alike in its three trees. */
	unsettled(): string[] {
		return this.#life?.unsettled() ?? [];
	}

	/** What the user says to a mass delete that is held back. */
	answer(answer: 'confirm' | 'undo'): void {
		if (answer === 'confirm') this.#life?.engine.confirmDeletes();
		else this.#life?.engine.undoDeletes();
	}

	pause(): void {
		this.#isPaused = true;
		this.#life?.engine.pause();
	}

	resume(): void {
		this.#isPaused = false;
		this.#life?.engine.resume();
	}

	start(): void {
		if (this.#life) return;
		const { newState, note, scheduler, log } = this.#options;
		this.#state ??= newState();
		const life: Life = new Life({
			...this.#options,
			id: this.#id,
			folder: ROOT,
			state: this.#state,
			excludedFile: this.exclusions.file,
			random: this.#random,
			weather: this.weather,
			eyes: this.eyes,
			now: () => this.now(),
			machineStart: () => this.now() - scheduler.now + this.#startedAt,
			fs: this.#daemonFs(() => life.alive),
			bootId: String(this.boots),
			note: (what) => note(`${this.name} ${what}`),
			log: (text) => log(this.name, text),
		});
		this.#life = life;
		const started = life.engine.start().then(() => {
			// It was paused, and a person wanted to go on while no daemon was there to be told.
			if (!this.#isPaused && life.engine.status().state === 'paused') life.engine.resume();
		});
		started.catch((error) => {
			// A person would start it again when the disk is in order.
			log(this.name, `could not start: ${error}`);
			life.ended();
			if (this.#life === life) this.#life = undefined;
			scheduler.after(1000, () => this.start());
		});
	}

	/** Ends the daemon as a person does. */
	async stop(): Promise<void> {
		const life = this.#life;
		if (!life) return;
		await life.engine.stop();
		life.ended();
		if (this.#life === life) this.#life = undefined;
	}

	/** Ends the daemon between two instructions. */
	crash(lose?: (state: DeviceState) => void): void {
		if (!this.#life) return;
		this.#options.onDeath(this, this.#life.unrecorded());
		this.#state = this.#life.kill(lose);
		this.#life = undefined;
		this.dyingIn = undefined;
	}

	/** The machine stops: disk and database keep what was synced. */
	cutPower(inPlace: boolean): void {
		this.crash((state) => state.cutPower(this.#random.state, this.#options.count));
		// It is mounted again when the machine starts.
		if (!this.isMounted) this.mount();
		this.#options.onPowerCut(this, () => this.disk.cutPower(this.#random.trouble, inPlace, this.#options.count));
		this.boots++;
		this.#startedAt = this.#options.scheduler.now;
	}

	/** A copy of the database as it is now. */
	copyState(): DeviceState {
		return this.#state?.copy() ?? this.#options.newState();
	}

	/** The next daemon finds this database, or none. */
	useState(state: DeviceState | undefined): void {
		this.#state = state;
	}

	/**
	 * Not before the daemon has marked the folder whole: nobody could tell it from the empty one then.
	 * @returns whether it is unmounted now and was not before.
	 */
	unmount(): boolean {
		if (!this.isMounted || this.disk.find(`${OWN}/marker.json`)?.bytes.at(-1) !== LINE_END) return false;
		this.isMounted = false;
		this.#remount = this.disk.unmount(ROOT);
		this.#hint(ROOT);
		return true;
	}

	mount(): void {
		this.#remount?.();
		this.#remount = undefined;
		this.isMounted = true;
		this.#hint(ROOT);
	}

	/** The watcher says that it cannot see everything. */
	overflow(): void {
		this.#life?.watcher?.overflow();
	}

	#daemonFs(isAlive: () => boolean): DaemonFs {
		const { intrude, onPlaced, onDaemonChange, scheduler, note, count, skips } = this.#options;
		return new DaemonFs(
			this.disk,
			{
				before: (call, path, from = path) => {
					if (isAlive() && this.dyingIn && !this.dyingIn.waits && --this.dyingIn.calls <= 0) {
						const { how } = this.dyingIn;
						note(`${this.name} ${how} at ${call} ${path}`);
						if (how !== 'torn-overwrite') count(how);
						if (how === 'crash') this.crash();
						else this.cutPower(how === 'torn-overwrite');
						scheduler.after(this.#random.trouble.soon(1500), () => this.start());
					}
					if (!isAlive()) throw new Error('The daemon is dead.');
					if (isVisible(path)) intrude(this, call, path);
					else if (isVisible(from)) intrude(this, call, from);
					if (this.room <= 0 && GROWING.has(call)) {
						count('disk-full');
						throw failure('ENOSPC', path);
					}
				},
				grow: (bytes) => {
					const taken = Math.max(0, Math.min(bytes, this.room));
					this.room -= taken;
					if (taken < bytes) count(taken > 0 ? 'disk-full-midway' : 'disk-full');
					return taken;
				},
				refused: count,
				placed: (path, inode) => {
					if (isVisible(path)) onPlaced(this, path, inode);
				},
				skips: () => {
					const isSkipped = this.#random.listings.chance(skips);
					if (isSkipped) count('entry-skipped');
					return isSkipped;
				},
				changed: (call, path) => {
					if (!isVisible(path)) return;
					if (this.dyingIn) this.dyingIn.waits = false;
					note(`${this.name} daemon ${call} ${path}`);
					onDaemonChange(this, call, path);
				},
			},
			() => Math.floor(this.now()),
			this.#random.trouble.chance(0.5),
		);
	}

	/** @param folder in which something happened, under that name if there is one. */
	#hint(folder: string, name?: string): void {
		if (folder !== ROOT && !folder.startsWith(`${ROOT}/`)) return;
		if (folder === OWN || folder.startsWith(`${OWN}/`)) return;
		this.#life?.watcher?.changed(folder.slice(ROOT.length + 1), name);
	}
}

const LINE_END = 10;
const GROWING = new Set(['create', 'link', 'mkdir', 'symlink']);
