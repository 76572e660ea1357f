import { join } from 'node:path';
import type { CreateEngine, Engine, EngineOptions, EngineStatus, Excluded } from '../daemon/engine.ts';
import { UserError } from '../daemon/user-error.ts';
import type { Disk } from '../fs/jobs/index.ts';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import { databaseFile } from '../state/sqlite/file.ts';
import type { Store } from '../state/store.ts';
import type { Arrivals } from '../transfer/arrivals.ts';
import { assemble, type Parts } from './assemble.ts';
import type { Context } from './context.ts';
import { Exclusions } from './exclusions.ts';
import { Ignored } from './ignored.ts';
import { ControlLoop } from './loop.ts';
import { type Machine, thisMachine } from './machine.ts';
import type { MassDeletes } from './mass-deletes.ts';
import { Problems } from './problems.ts';
import { Progress } from './progress.ts';
import { StatusBoard } from './status-board.ts';
import { keepWatching } from './watching.ts';

/** A status stays readable, whatever happens; the rest is counted. */
const PROBLEMS_TOLD = 1000;

/** The engine as the daemon knows it: starts and stops it all, hands on commands, tells how things stand. */
export class SyncEngine implements Engine {
	readonly #options: EngineOptions;
	readonly #machine: Machine;
	readonly #stop = new AbortController();
	readonly #loop: ControlLoop;
	readonly #problems: Problems;
	readonly #ignored = new Ignored();
	readonly #board: StatusBoard;
	readonly #progress: Progress;
	#disk: Disk | undefined;
	#store: Store | undefined;
	#exclusions: Exclusions | undefined;
	#massDeletes: MassDeletes | undefined;
	#arrivals: Arrivals | undefined;
	#running: Promise<unknown> = Promise.resolve();

	constructor(options: EngineOptions, machine: Machine) {
		const { clock } = machine;
		this.#options = options;
		this.#machine = machine;
		this.#problems = new Problems(clock);
		this.#board = new StatusBoard(() => this.status());
		const onChange = () => this.#board.changed();
		this.#progress = new Progress(onChange);
		this.#loop = new ControlLoop({
			clock,
			log: options.log,
			problems: this.#problems,
			signal: this.#stop.signal,
			onChange,
			status: () => this.status(),
		});
	}

	async start(): Promise<void> {
		const loop = this.#loop;
		const context = this.#open();
		loop.isPaused ||= context.store.meta('paused') === 'yes';
		const { signal } = this.#stop;
		const isInterrupted = () => signal.aborted || loop.isPaused;
		let parts: Parts;
		try {
			parts = assemble(this.#options, this.#machine, {
				...{ context, loop, isInterrupted, signal },
				onChange: () => this.#board.changed(),
			});
		} catch (error) {
			await this.stop();
			throw error;
		}
		const { massDeletes, poller, arrivals, rounds } = parts;
		this.#massDeletes = massDeletes;
		this.#arrivals = arrivals;
		const { store, exclusions } = context;
		const work = {
			store,
			round: rounds.run.bind(rounds),
			isExcluded: () => exclusions.now(),
			asked: () => massDeletes.waiting,
		};
		this.#running = Promise.all([this.#watch(), loop.run(work), poller.run(signal).then(() => arrivals.idle())]);
	}

	#open(): Context {
		const { stateDir, namespace, folder, server, log, excludedFile } = this.#options;
		const deselected = excludedFile.read();
		this.#store = this.#machine.openStore(databaseFile(stateDir), namespace);
		this.#exclusions = new Exclusions(this.#store, deselected, excludedFile);
		this.#disk = this.#machine.newDisk();
		return {
			store: this.#store,
			disk: this.#disk,
			server,
			namespace,
			folder,
			exclusions: this.#exclusions,
			ignored: this.#ignored,
			problems: this.#problems,
			progress: this.#progress,
			log,
		};
	}

	#watch(): Promise<void> {
		const { folder } = this.#options;
		const except = join(folder, PRIVATE_FOLDER);
		const { clock, newWatcher } = this.#machine;
		return keepWatching(
			(events) => newWatcher({ folder, except, ...events }),
			clock,
			this.#loop.ofWatcher,
			this.#stop.signal,
		);
	}

	async stop(): Promise<void> {
		this.#stop.abort(new Error('MyDropbox is stopping.'));
		await Promise.allSettled([this.#running]);
		await this.#disk?.close();
		this.#store?.setMeta('running', '');
		this.#store?.close();
		this.#store = undefined;
		this.#board.close();
	}

	/** Also over a restart: whoever paused it has a reason that a reboot does not end. */
	pause(): void {
		this.#loop.isPaused = true;
		this.#store?.setMeta('paused', 'yes');
		this.#board.changed();
	}

	resume(): void {
		this.#loop.isPaused = false;
		this.#store?.setMeta('paused', '');
		this.#problems.retryNow();
		this.#loop.wakeWith((hints) => hints.everything());
		this.#board.changed();
	}

	exclude(paths: readonly string[]): readonly Excluded[] {
		return this.#select(paths, (exclusions) => exclusions.exclude(paths));
	}

	include(paths: readonly string[]): readonly Excluded[] {
		return this.#select(paths, (exclusions) => exclusions.include(paths));
	}

	#select(paths: readonly string[], change: (exclusions: Exclusions) => void): readonly Excluded[] {
		if (!this.#store || !this.#exclusions)
			throw new UserError('MyDropbox is just starting.', 'Try it again in a moment.');
		if (paths.length > 0) {
			change(this.#exclusions);
			this.#loop.wakeWith((hints) => hints.news());
		}
		return this.#exclusions.list();
	}

	confirmDeletes(): void {
		this.#answer((massDeletes) => massDeletes.confirm());
	}

	undoDeletes(): void {
		this.#answer((massDeletes) => massDeletes.undo());
	}

	/** What is on the disk by now is looked at before anything follows from the answer. */
	#answer(give: (massDeletes: MassDeletes) => void): void {
		if (!this.#massDeletes?.question || !this.#store) return;
		give(this.#massDeletes);
		this.#loop.wakeWith((hints) => hints.everything());
		this.#board.changed();
	}

	status(): EngineStatus {
		const { traffic } = this.#options;
		const problems = this.#problems.list();
		return {
			state: this.#loop.state,
			filesToGo: this.#progress.filesToGo,
			bytesToGo: this.#progress.bytesToGo,
			problems: problems.slice(0, PROBLEMS_TOLD),
			problemCount: problems.length,
			offline: this.#loop.offline,
			heldDeletes: this.#massDeletes?.question ?? null,
			arriving: this.#arrivals?.list() ?? [],
			excluded: this.#exclusions?.count ?? 0,
			ignored: this.#ignored.count,
			bytesSent: traffic.bytesSent,
			bytesReceived: traffic.bytesReceived,
			lastSync: this.#loop.lastSync,
		};
	}

	settled(signal: AbortSignal): Promise<EngineStatus> {
		return this.#loop.settled(signal);
	}

	onStatus(listener: (status: EngineStatus) => void): () => void {
		return this.#board.listen(listener);
	}
}

export const createSyncEngine: CreateEngine = (options) => new SyncEngine(options, thisMachine);
