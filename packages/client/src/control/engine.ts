import { join } from 'node:path';
import { ApiError, type NodeId, randomId } from '@mydropbox/protocol';
import { isPassing } from '@mydropbox/remote';
import { MASS_DELETE_LIMITS } from '@mydropbox/sync-engine';
import type { CreateEngine, Engine, EngineOptions, EngineState, EngineStatus, Excluded } from '../daemon/engine.ts';
import { UserError } from '../daemon/user-error.ts';
import type { Disk } from '../fs/jobs/index.ts';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import { Scanner } from '../scan/scanner.ts';
import type { Store } from '../state/store.ts';
import { Downloader } from '../transfer/download.ts';
import type { Watcher } from '../watch/watcher.ts';
import { Applier } from './apply.ts';
import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import { Exclusions } from './exclusions.ts';
import { explainFailure, isVersionApart, unexplained, watchProblem } from './explain.ts';
import { Hints } from './hints.ts';
import { Ignored } from './ignored.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MassDeletes } from './mass-deletes.ts';
import { Poller } from './poller.ts';
import { Problems } from './problems.ts';
import { Progress } from './progress.ts';
import { LocalReader } from './read-local.ts';
import { RootGuard } from './root-guard.ts';
import { Rounds } from './rounds.ts';
import { StatusBoard } from './status-board.ts';
import { Waiters } from './waiters.ts';
import { pathOf, waitingProblems } from './waiting.ts';

/** Whatever the watcher misses is found after this time at the latest. */
const RESCAN_MS = 10 * 60_000;
const RESCAN_WITHOUT_WATCHER_MS = 30_000;
const RETRY_MS = 2000;
/** Until somebody has updated something. */
const UPDATE_MS = 60_000;
/** Hints of one save come in bursts; a scan in the middle of one sees half of it. */
const GATHER_MS = 60;

/** A status stays readable, whatever happens; the rest is counted. */
const PROBLEMS_TOLD = 1000;

/** Problems with which nothing at all goes on… */
const BLOCKING = ['account', 'folder', 'internal'];
/** …and those of them that only a person can mend. */
const FOR_A_PERSON = ['account', 'folder'];

/** The control loop: takes what watcher, server, clock and commands have to say, one round after the other. */
export class SyncEngine implements Engine {
	readonly #options: EngineOptions;
	readonly #machine: Machine;
	readonly #clock: Clock;
	readonly #stop = new AbortController();
	readonly #bell: Bell;
	readonly #hints = new Hints();
	readonly #problems: Problems;
	readonly #ignored = new Ignored();
	readonly #board: StatusBoard;
	readonly #progress: Progress;
	#disk: Disk | undefined;
	#store: Store | undefined;
	#exclusions: Exclusions | undefined;
	#massDeletes: MassDeletes | undefined;
	#watcher: Watcher | undefined;
	#running: Promise<unknown> = Promise.resolve();
	#paused = false;
	#offline = false;
	#idle = false;
	#rescanMs = RESCAN_MS;
	#lastSync: string | null = null;
	readonly #waiters = new Waiters();

	constructor(options: EngineOptions, machine: Machine) {
		this.#options = options;
		this.#machine = machine;
		this.#clock = machine.clock;
		this.#bell = new Bell(this.#clock);
		this.#problems = new Problems(this.#clock);
		this.#board = new StatusBoard(() => this.status());
		this.#progress = new Progress(() => this.#board.changed());
	}

	async start(): Promise<void> {
		const { stateDir, namespace, folder, server, log, excludedFile } = this.#options;
		const deselected = excludedFile.read();
		const store = this.#machine.openStore(join(stateDir, 'state.db'), namespace);
		this.#store = store;
		const exclusions = new Exclusions(store, deselected, excludedFile);
		this.#exclusions = exclusions;
		this.#lastSync = store.meta('lastSync');
		this.#paused ||= store.meta('paused') === 'yes';
		const disk = this.#machine.newDisk();
		this.#disk = disk;
		const context: Context = {
			store,
			disk,
			server,
			namespace,
			folder,
			exclusions,
			ignored: this.#ignored,
			problems: this.#problems,
			progress: this.#progress,
			log,
		};
		this.#noteLife(store);
		const guard = new RootGuard(folder, this.#machine.fs, store, namespace);
		try {
			guard.check();
		} catch (error) {
			await this.stop();
			throw error;
		}
		const poller = new Poller(context, this.#clock, {
			onNews: () => this.#wakeWith(() => this.#hints.news()),
			onOnline: () => this.#answered(),
			onFailure: (error) => {
				this.#failed(error);
				// A round finds out by itself how things stand, and keeps asking until they are better.
				this.#wakeWith(() => this.#hints.news());
			},
		});
		const limits = this.#options.massDeletes ?? MASS_DELETE_LIMITS;
		this.#massDeletes = new MassDeletes(context, this.#clock, limits);
		const rounds = this.#makeRounds(context, guard, poller, this.#massDeletes);
		this.#watch();
		this.#hints.everything();
		this.#hints.news();
		this.#bell.ring();
		this.#running = Promise.all([this.#loop(rounds), poller.run(this.#stop.signal)]);
	}

	/** Whoever was running when the machine stopped did not see what its disk has lost by that. */
	#noteLife(store: Store): void {
		const boot = this.#machine.bootId();
		const ranAt = store.meta('running');
		if (ranAt && ranAt !== boot) store.doubt = true;
		store.setMeta('running', boot);
	}

	#makeRounds(context: Context, guard: RootGuard, poller: Poller, massDeletes: MassDeletes): Rounds {
		const { store, disk, server, namespace, folder, exclusions, progress } = context;
		const interrupted = () => this.#stop.signal.aborted || this.#paused;
		const onBytes = (count: number) => progress.bytes(count);
		const { tempDir } = guard;
		const downloader = new Downloader({ server, disk, store, namespace, folder, tempDir, interrupted, onBytes });
		const signature = () => ({
			device: this.#options.deviceName,
			date: new Date(this.#clock.now()).toISOString().slice(0, 10),
		});
		return new Rounds(context, {
			guard,
			scanner: new Scanner({
				store,
				disk,
				folder,
				isExcluded: (id) => exclusions.now()(id),
				names: guard.names,
				newId: () => randomId<NodeId>(this.#machine.randomBytes),
				now: () => this.#clock.now(),
			}),
			reader: new LocalReader(context, this.#clock),
			applier: new Applier(context, downloader, guard, signature),
			massDeletes,
			hints: this.#hints,
			clock: this.#clock,
			signature,
			onPulled: () => poller.pulled(),
		});
	}

	#watch(): void {
		const { folder, log } = this.#options;
		this.#watcher = this.#machine.newWatcher({
			folder,
			except: join(folder, PRIVATE_FOLDER),
			onHint: (path) => this.#wakeWith(() => this.#hints.path(path)),
			onTrouble: (error) => {
				if (this.#rescanMs === RESCAN_WITHOUT_WATCHER_MS) return;
				// What lies too deep to be watched lies too deep to be synced, and the scanner lists it.
				if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return;
				log.warn({ error: error.message }, 'the watcher has trouble');
				this.#rescanMs = RESCAN_WITHOUT_WATCHER_MS;
				this.#wakeWith(() => this.#hints.everything());
				this.#problems.general('watch', watchProblem(error, RESCAN_WITHOUT_WATCHER_MS));
			},
		});
		// What changed before everything was watched is found by one more look.
		void this.#watcher.start().then(() => this.#wakeWith(() => this.#hints.everything()));
	}

	async #loop(rounds: Rounds): Promise<void> {
		const { signal } = this.#stop;
		let wait = 0;
		let lastRescan = this.#clock.now();
		for (;;) {
			await this.#bell.wait(wait, signal);
			if (signal.aborted) return;
			await this.#clock.sleep(GATHER_MS, signal);
			if (Math.abs(this.#clock.now() - lastRescan) >= this.#rescanMs) {
				this.#hints.everything();
				lastRescan = this.#clock.now();
			}
			wait = this.#paused ? this.#rescanMs : await this.#round(rounds);
			wait = Math.max(0, Math.min(wait, lastRescan + this.#rescanMs - this.#clock.now()));
			this.#board.changed();
		}
	}

	/** @returns milliseconds until the next round is due. */
	async #round(rounds: Rounds): Promise<number> {
		const { ticket } = this.#waiters;
		try {
			const { idle, comeBackIn, asked, offline } = await rounds.run(this.#stop.signal, () => this.#paused);
			this.#problems.general('account', undefined);
			this.#problems.general('folder', undefined);
			this.#problems.general('internal', undefined);
			if (offline) {
				this.#failed(offline);
				return RETRY_MS;
			}
			if (asked) this.#setOffline(false);
			const rests = idle && !this.#hints.waiting;
			this.#idle = rests;
			if (rests) this.#reachedRest(ticket);
			const retry = this.#problems.nextRetry() ?? this.#rescanMs;
			return Math.min(retry, comeBackIn ?? (rests ? retry : 0));
		} catch (error) {
			if (this.#stop.signal.aborted) return 0;
			if (!isPassing(error)) this.#hints.everything();
			this.#hints.news();
			this.#failed(error);
			if (this.#hasProblem(FOR_A_PERSON)) this.#waiters.serve(ticket, this.status());
			return isVersionApart(error) ? UPDATE_MS : RETRY_MS;
		}
	}

	#reachedRest(ticket: number): void {
		const store = this.#store!;
		store.forgetClean(this.#exclusions!.now());
		const blocked = this.#problems.blocked();
		if ([...store.dirty].some((id) => !this.#problems.isProblem(id) && blocked.has(id))) {
			this.#idle = false;
			return;
		}
		this.#explainRest(store);
		if (store.dirty.size === 0) {
			this.#lastSync = new Date(this.#clock.now()).toISOString();
			store.setMeta('lastSync', this.#lastSync);
		}
		this.#waiters.serve(ticket, this.status());
	}

	/** Whatever is not in step is told, with what it waits for. */
	#explainRest(store: Store): void {
		const problems = this.#problems;
		const asked = this.#massDeletes!.waiting;
		const isTold = (id: NodeId) => problems.isProblem(id) || asked.has(id);
		const waiting = waitingProblems(store, store.dirty, isTold);
		problems.waiting(waiting);
		const open = [...store.dirty].filter((id) => !isTold(id) && !waiting.has(id));
		problems.general('stuck', open.length > 0 ? unexplained(pathOf(store, open[0]!), open.length) : undefined);
	}

	/** The server has answered the poller; what looked like trouble may be over. */
	#answered(): void {
		if (this.#offline || this.#problems.has('account')) this.#wakeWith(() => this.#hints.news());
		this.#setOffline(false);
	}

	#failed(error: unknown): void {
		const { log } = this.#options;
		this.#idle = false;
		if (error instanceof ApiError && error.code === 'epoch-changed') this.#wakeWith(() => this.#hints.news());
		else if (isPassing(error)) this.#setOffline(true, error);
		else {
			const { kind, problem } = explainFailure(error);
			if (kind === 'internal') log.error({ err: error }, 'a round failed');
			this.#problems.general(kind, problem);
		}
		this.#board.changed();
	}

	#setOffline(offline: boolean, error?: unknown): void {
		if (this.#offline === offline) return;
		this.#offline = offline;
		const { log } = this.#options;
		if (offline) log.warn({ reason: (error as Error).message }, 'the server cannot be reached; trying again');
		else log.info('the server is back');
		if (!offline) this.#wakeWith(() => this.#hints.news());
		this.#board.changed();
	}

	#wakeWith(note: () => void): void {
		note();
		this.#idle = false;
		this.#bell.ring();
	}

	async stop(): Promise<void> {
		this.#stop.abort(new Error('MyDropbox is stopping.'));
		await Promise.allSettled([this.#running, this.#watcher?.close()]);
		await this.#disk?.close();
		this.#store?.setMeta('running', '');
		this.#store?.close();
		this.#store = undefined;
		this.#board.close();
	}

	/** Also over a restart: whoever paused it has a reason that a reboot does not end. */
	pause(): void {
		this.#paused = true;
		this.#store?.setMeta('paused', 'yes');
		this.#board.changed();
	}

	resume(): void {
		this.#paused = false;
		this.#store?.setMeta('paused', '');
		this.#problems.retryNow();
		this.#wakeWith(() => this.#hints.everything());
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
			this.#wakeWith(() => this.#hints.news());
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
		this.#wakeWith(() => this.#hints.everything());
		this.#board.changed();
	}

	status(): EngineStatus {
		const { traffic } = this.#options;
		const problems = this.#problems.list();
		return {
			state: this.#state(),
			filesToGo: this.#progress.filesToGo,
			bytesToGo: this.#progress.bytesToGo,
			problems: problems.slice(0, PROBLEMS_TOLD),
			problemCount: problems.length,
			heldDeletes: this.#massDeletes?.question ?? null,
			excluded: this.#exclusions?.count ?? 0,
			ignored: this.#ignored.count,
			bytesSent: traffic.bytesSent,
			bytesReceived: traffic.bytesReceived,
			lastSync: this.#lastSync,
		};
	}

	#state(): EngineState {
		if (this.#paused) return 'paused';
		const problems = this.#problems.list();
		if (this.#hasProblem(BLOCKING)) return 'problem';
		if (this.#offline) return 'offline';
		if (!this.#idle) return 'syncing';
		return problems.length > 0 ? 'problem' : 'up-to-date';
	}

	#hasProblem(kinds: readonly string[]): boolean {
		return kinds.some((kind) => this.#problems.has(kind));
	}

	settled(signal: AbortSignal): Promise<EngineStatus> {
		const settled = this.#waiters.wait(AbortSignal.any([signal, this.#stop.signal]));
		this.#problems.retryNow();
		this.#wakeWith(() => {
			this.#hints.everything();
			this.#hints.news();
		});
		return settled;
	}

	onStatus(listener: (status: EngineStatus) => void): () => void {
		return this.#board.listen(listener);
	}
}

export const createSyncEngine: CreateEngine = (options) => new SyncEngine(options, thisMachine);
