import { ApiError, type NodeId } from '@mydropbox/protocol';
import { isPassing } from '@mydropbox/remote';
import type { Logger } from 'pino';
import type { EngineState, EngineStatus } from '../daemon/engine.ts';
import type { Store } from '../state/store.ts';
import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import { explainFailure, type FailureKind, isVersionApart, unexplained, watchProblem, whyOffline } from './explain.ts';
import { Hints } from './hints.ts';
import type { PollerEvents } from './poller.ts';
import type { Problems } from './problems.ts';
import type { RoundResult } from './rounds.ts';
import { Waiters } from './waiters.ts';
import { pathOf, waitingProblems } from './waiting.ts';
import type { WatchingEvents } from './watching.ts';

/** Whatever the watcher misses is found after this time at the latest. */
const RESCAN_MS = 10 * 60_000;
const RESCAN_WITHOUT_WATCHER_MS = 30_000;
const RETRY_MS = 2000;
/** Until somebody has updated something. */
const UPDATE_MS = 60_000;
/** The first look waits so long for the watcher, so that nothing is missed in between and has to be looked at again. */
const WATCH_FIRST_MS = 2000;
/** Hints of one save come in bursts; a scan in the middle of one sees half of it. */
const GATHER_MS = 20;

/** Problems with which nothing at all goes on… */
const BLOCKING: readonly FailureKind[] = ['account', 'folder', 'state', 'version', 'internal'];
/** …and those of them that only a person can mend. */
const FOR_A_PERSON: readonly FailureKind[] = ['account', 'folder', 'state', 'version'];

export interface LoopOptions {
	readonly clock: Clock;
	readonly log: Logger;
	readonly problems: Problems;
	readonly signal: AbortSignal;
	/** Something that the status tells has changed. */
	readonly onChange: () => void;
	readonly status: () => EngineStatus;
}

/** What a loop goes round with, once the engine has started. */
export interface Work {
	readonly store: Store;
	readonly round: (signal: AbortSignal, isPaused: () => boolean) => Promise<RoundResult>;
	readonly isExcluded: () => (id: NodeId) => boolean;
	/** Nodes that wait for a person's answer. */
	readonly asked: () => ReadonlySet<NodeId>;
}

/** The control loop: takes what watcher, server, clock and commands have to say, one round after the other. */
export class ControlLoop {
	readonly hints = new Hints();
	readonly #options: LoopOptions;
	readonly #bell: Bell;
	readonly #waiters = new Waiters();
	readonly #watched = new AbortController();
	#paused = false;
	/** Why the server cannot be reached. */
	#offline: string | null = null;
	#idle = false;
	#rescanMs = RESCAN_MS;
	#lastSync: string | null = null;

	constructor(options: LoopOptions) {
		this.#options = options;
		this.#bell = new Bell(options.clock);
	}

	/** Goes round until the signal fires; never rejects. */
	async run(work: Work): Promise<void> {
		const { clock, signal, onChange } = this.#options;
		this.#lastSync = work.store.meta('lastSync');
		this.hints.everything();
		this.hints.news();
		await clock.sleep(WATCH_FIRST_MS, AbortSignal.any([signal, this.#watched.signal]));
		let wait = 0;
		let lastRescan = clock.now();
		for (;;) {
			await this.#bell.wait(wait, signal);
			if (signal.aborted) return;
			if (this.hints.inFolder) await clock.sleep(GATHER_MS, signal);
			if (Math.abs(clock.now() - lastRescan) >= this.#rescanMs) {
				this.hints.everything();
				lastRescan = clock.now();
			}
			wait = this.#paused ? this.#rescanMs : await this.#round(work);
			wait = Math.max(0, Math.min(wait, lastRescan + this.#rescanMs - clock.now()));
			onChange();
		}
	}

	/** @returns milliseconds until the next round is due. */
	async #round(work: Work): Promise<number> {
		const { signal, problems, status } = this.#options;
		const { ticket } = this.#waiters;
		try {
			const { idle, comeBackIn, asked, offline } = await work.round(signal, () => this.#paused);
			for (const kind of BLOCKING) problems.general(kind, undefined);
			if (offline) {
				this.#failed(offline);
				return RETRY_MS;
			}
			if (asked) this.#setOnline();
			const rests = idle && !this.hints.waiting;
			this.#idle = rests;
			if (rests) this.#reachedRest(work, ticket);
			const retry = problems.nextRetry() ?? this.#rescanMs;
			return Math.min(retry, comeBackIn ?? (rests ? retry : 0));
		} catch (error) {
			if (signal.aborted) return 0;
			if (!isPassing(error)) this.hints.everything();
			this.hints.news();
			this.#failed(error);
			if (this.#hasProblem(FOR_A_PERSON)) this.#waiters.serve(ticket, status());
			return isVersionApart(error) ? UPDATE_MS : RETRY_MS;
		}
	}

	#reachedRest({ store, isExcluded, asked }: Work, ticket: number): void {
		const { clock, problems, status } = this.#options;
		store.forgetClean(isExcluded());
		const blocked = problems.blocked();
		if (problems.isBusy || [...store.dirty].some((id) => !problems.isProblem(id) && blocked.has(id))) {
			this.#idle = false;
			return;
		}
		this.#explainRest(store, asked());
		if (store.dirty.size === 0) {
			this.#lastSync = new Date(clock.now()).toISOString();
			store.setMeta('lastSync', this.#lastSync);
		}
		this.#waiters.serve(ticket, status());
	}

	/** Whatever is not in step is told, with what it waits for. */
	#explainRest(store: Store, asked: ReadonlySet<NodeId>): void {
		const { problems } = this.#options;
		const isTold = (id: NodeId) => problems.isProblem(id) || problems.isInFolder(id) || asked.has(id);
		const waiting = waitingProblems(store, store.dirty, isTold);
		problems.waiting(waiting);
		const open = [...store.dirty].filter((id) => !isTold(id) && !waiting.has(id));
		problems.general('stuck', open.length > 0 ? unexplained(pathOf(store, open[0]!), open.length) : undefined);
	}

	/** Notes what there is to look at, and looks soon. */
	wakeWith(note: (hints: Hints) => void): void {
		note(this.hints);
		this.#idle = false;
		this.#bell.ring();
	}

	/** Resolves with the status after everything was looked at that is there now. */
	settled(signal: AbortSignal): Promise<EngineStatus> {
		const settled = this.#waiters.wait(AbortSignal.any([signal, this.#options.signal]));
		this.#options.problems.retryNow();
		this.wakeWith((hints) => {
			hints.everything();
			hints.news();
		});
		return settled;
	}

	readonly ofWatcher: WatchingEvents = {
		onHint: (path, name) => this.wakeWith((hints) => hints.path(path, name)),
		onTrouble: (error) => {
			const { log, problems } = this.#options;
			if (!problems.has('watch')) log.warn({ error: error.message }, 'the watcher has trouble');
			this.#rescanMs = RESCAN_WITHOUT_WATCHER_MS;
			problems.general('watch', watchProblem(error, RESCAN_WITHOUT_WATCHER_MS));
			this.wakeWith((hints) => hints.everything());
		},
		onWatching: (hasTrouble) => {
			const { log, problems } = this.#options;
			if (!hasTrouble && problems.has('watch')) {
				log.info('everything is watched again');
				this.#rescanMs = RESCAN_MS;
				problems.general('watch', undefined);
			}
			this.#watched.abort();
			// What changed before everything was watched is found by one more look.
			this.wakeWith((hints) => hints.everything());
		},
	};

	readonly ofPoller: Omit<PollerEvents, 'onArriving'> = {
		onNews: () => this.wakeWith((hints) => hints.news()),
		/** What looked like trouble may be over. */
		onOnline: () => {
			if (this.#offline !== null || this.#options.problems.has('account')) this.wakeWith((hints) => hints.news());
			this.#setOnline();
		},
		onFailure: (error) => {
			this.#failed(error);
			// A round finds out by itself how things stand, and keeps asking until they are better.
			this.wakeWith((hints) => hints.news());
		},
	};

	#failed(error: unknown): void {
		const { log, problems, onChange } = this.#options;
		this.#idle = false;
		if (error instanceof ApiError && error.code === 'epoch-changed') this.wakeWith((hints) => hints.news());
		else if (isPassing(error)) this.#setOffline(error);
		else {
			const { kind, problem } = explainFailure(error);
			if (kind === 'internal') log.error({ err: error }, 'a round failed');
			problems.general(kind, problem);
		}
		onChange();
	}

	#setOffline(error: unknown): void {
		const reason = whyOffline(error);
		if (this.#offline === null) this.#options.log.warn({ reason }, 'the server cannot be reached; trying again');
		this.#offline = reason;
	}

	#setOnline(): void {
		if (this.#offline === null) return;
		this.#offline = null;
		const { log, onChange } = this.#options;
		log.info('the server is back');
		this.wakeWith((hints) => hints.news());
		onChange();
	}

	get offline(): string | null {
		return this.#offline;
	}

	get isPaused(): boolean {
		return this.#paused;
	}

	set isPaused(paused: boolean) {
		this.#paused = paused;
	}

	/** When everything was last in step; ISO 8601. */
	get lastSync(): string | null {
		return this.#lastSync;
	}

	get state(): EngineState {
		if (this.#paused) return 'paused';
		if (this.#hasProblem(BLOCKING)) return 'problem';
		if (this.#offline !== null) return 'offline';
		if (!this.#idle) return 'syncing';
		return this.#options.problems.list().length > 0 ? 'problem' : 'up-to-date';
	}

	#hasProblem(kinds: readonly string[]): boolean {
		return kinds.some((kind) => this.#options.problems.has(kind));
	}
}
