import {
	type Engine,
	type EngineOptions,
	type ExcludedFile,
	type Fs,
	type JobName,
	type Portions,
	Store,
	SyncEngine,
} from '@mydropbox/client';
import type { DeviceId, NamespaceId } from '@mydropbox/protocol';
import { ByteMeter, type SyncServer, withRetry } from '@mydropbox/remote';
import type { DeviceState } from './device-state.ts';
import { SimJobs } from './disk/sim-jobs.ts';
import type { Count } from './effects.ts';
import { SimNetwork, type Weather } from './network.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimServer } from './server/server.ts';
import { simClock } from './sim-clock.ts';
import { type Eyes, SimWatcher } from './sim-watcher.ts';

export interface LifeOptions {
	/** The device's. */
	readonly name: string;
	readonly id: DeviceId;
	readonly namespace: NamespaceId;
	readonly folder: string;
	/** What the daemon finds of its database. */
	readonly state: DeviceState;
	readonly excludedFile: ExcludedFile;
	readonly server: SimServer;
	readonly scheduler: Scheduler;
	readonly random: Readonly<Record<'ids' | 'network' | 'disk' | 'watcher', Random>>;
	readonly weather: Weather;
	readonly eyes: Eyes;
	/** Milliseconds since 1970 by the device's clock. */
	readonly now: () => number;
	/** When the machine was started, by that clock. */
	readonly machineStart: () => number;
	readonly fs: Fs;
	/** Names the time since the machine was last started. */
	readonly bootId: string;
	readonly count: Count;
	/** Whether it asks a person about a few deletes. */
	readonly asksSoon: boolean;
	readonly portions: Portions;
	readonly note: (what: string) => void;
	readonly log: (text: string) => void;
}

/** Deletes about which a person is asked in some worlds. */
export const FEW_DELETES: NonNullable<EngineOptions['massDeletes']> = { files: 6, share: 0.5, shareFrom: 3 };

/** One run of the daemon, from its start to its end, good or bad: the real engine, and everything of the machine that it uses. */
export class Life {
	readonly engine: Engine;
	/** A dead daemon does nothing any more, whatever still comes back to it. */
	alive = true;
	watcher: SimWatcher | undefined;
	readonly #options: LifeOptions;
	#store: Store | undefined;
	#jobs: SimJobs | undefined;
	/** By itself, so that its database is closed. */
	#hasEnded = false;

	constructor(options: LifeOptions) {
		this.#options = options;
		const {
			name,
			namespace,
			folder,
			state,
			excludedFile,
			scheduler,
			random,
			eyes,
			fs,
			bootId,
			count,
			log,
			asksSoon,
			portions,
		} = options;
		const isAlive = () => this.alive;
		const clock = simClock(scheduler, options, isAlive);
		const say = (level: string) => (more: unknown, text?: string) =>
			log(`${level} ${text ?? ''} ${more instanceof Object ? JSON.stringify(more, errors) : more}`);
		this.engine = new SyncEngine(
			{
				folder,
				stateDir: '/state',
				excludedFile,
				deviceName: name,
				namespace,
				massDeletes: asksSoon ? FEW_DELETES : undefined,
				server: this.#connect(clock.sleep),
				traffic: new ByteMeter(),
				log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') } as never,
			},
			{
				clock,
				fs,
				newDisk: () => {
					this.#jobs = new SimJobs(fs, scheduler, random.disk, isAlive, count);
					return this.#jobs;
				},
				openStore: (_file, id) => {
					this.#store = new Store(state.open, id);
					return this.#store;
				},
				newWatcher: (watched) => {
					const parts = { eyes, scheduler, random: random.watcher };
					this.watcher = new SimWatcher(watched, parts, isAlive, count);
					return this.watcher;
				},
				portions,
				randomBytes: (size) => random.ids.bytes(size),
				bootId: () => bootId,
			},
		);
	}

	/** As the real daemon does: with tokens that are renewed, and again when nobody answers. */
	#connect(sleep: (ms: number, signal: AbortSignal) => Promise<void>): SyncServer {
		const { id, name, server, scheduler, random, weather, note, count } = this.#options;
		const asker = { device: id, deviceName: name };
		const isAlive = () => this.alive;
		const way = { server, scheduler, random: random.network, weather, asker, isAlive, note, count };
		return withRetry(new SimNetwork(way).signedIn(), {
			random: () => random.network.float(),
			sleep: async (ms, signal) => {
				await sleep(ms, signal ?? new AbortController().signal);
				signal?.throwIfAborted();
			},
		});
	}

	/** What is just being done on the disk. */
	get job(): JobName | undefined {
		return this.#jobs?.job;
	}

	/** The daemon has stopped by itself. */
	ended(): void {
		this.alive = false;
		this.#hasEnded = true;
	}

	/**
	 * It dies between two instructions.
	 * @param lose what the database loses at that moment.
	 * @returns what it leaves of its database.
	 */
	kill(lose: (state: DeviceState) => void = () => undefined): DeviceState {
		const { state, scheduler } = this.#options;
		this.alive = false;
		// What still runs of it in this step may touch the store; later there is nothing left of it.
		scheduler.after(0, () => {
			if (!this.#hasEnded) this.#store?.close();
		});
		lose(state);
		return state.copy();
	}

	/** Names of what it is just putting into the folder, or moving there, and has not recorded. */
	unrecorded(): string[] {
		const { applying } = this.#store ?? {};
		return applying?.ids().map((id) => applying.get(id)!.name) ?? [];
	}

	/** For whoever reads a trace: the nodes that are not alike in its three trees. */
	unsettled(): string[] {
		const store = this.#store;
		if (!store) return [];
		return [...store.dirty].map((id) => {
			const [local, remote, synced] = [store.local.get(id), store.remote.get(id), store.synced.get(id)];
			return `${id}\n  local ${JSON.stringify(local)}\n  remote ${JSON.stringify(remote)}\n  synced ${JSON.stringify(synced)}`;
		});
	}
}

const errors = (_key: string, value: unknown): unknown => (value instanceof Error ? value.stack : value);
