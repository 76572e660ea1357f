import type { NodeId } from '@mydropbox/protocol';
import { isPassing } from '@mydropbox/remote';
import { isEmpty, type Plan, plan, type Signature, type StateOperation, Window } from '@mydropbox/sync-engine';
import { RULE_FILE } from '../ignore/patterns.ts';
import type { Scanner } from '../scan/scanner.ts';
import type { ApplyingNode } from '../state/nodes.ts';
import type { Applier } from './apply.ts';
import type { Clock } from './clock.ts';
import type { Context, Round } from './context.ts';
import type { Hints } from './hints.ts';
import type { MassDeletes } from './mass-deletes.ts';
import { pull } from './pull.ts';
import { finishCommit, push } from './push.ts';
import type { LocalReader } from './read-local.ts';
import type { RootGuard } from './root-guard.ts';
import { rulesFirst } from './rules-first.ts';
import { SetBack } from './set-back.ts';
import { findTorn } from './torn.ts';
import { halfMoves, maybeMissed, settleApplying } from './unfinished.ts';

export interface RoundResult {
	/** Nothing is left to do now, apart from what waits in the problems. */
	readonly idle: boolean;
	/** Milliseconds after which to come back, when something needs time. */
	readonly comeBackIn: number | undefined;
	/** Whether the server has answered. */
	readonly asked: boolean;
	/** Why the server could not be asked; what needs no server was done. */
	readonly offline: unknown;
}

export interface RoundParts {
	readonly guard: RootGuard;
	readonly scanner: Scanner;
	readonly reader: LocalReader;
	readonly applier: Applier;
	readonly massDeletes: MassDeletes;
	readonly hints: Hints;
	readonly clock: Clock;
	readonly signature: () => Signature;
	readonly newId: () => NodeId;
	/** That one plan is about. */
	readonly newcomers: number;
	/** The cursor has moved. */
	readonly onPulled: () => void;
}

/** A round lasts at least this long before news end it. */
const SHORTEST_MS = 1000;
/** …or this many times what looking and planning took, so that most of the time goes into the work itself. */
const WORK_SHARE = 5;

/**
 * Look, ask, plan, do: one round of the control loop. It holds nothing that the next one needs; whatever ends it,
 * the next one starts from what the disk, the server and the three trees say.
 */
export class Rounds {
	readonly #context: Context;
	readonly #parts: RoundParts;
	readonly #setBack: SetBack;
	readonly #window: Window;
	#rulesPending = false;
	#soughtTorn = false;
	/** Nodes that the last look has missed… */
	#missed: ReadonlySet<NodeId> = new Set();
	/** …and all that it was repeated for: what it does not show then either is not ours to know (ignored, or no file). */
	readonly #lookedAgainFor = new Set<NodeId>();

	constructor(context: Context, parts: RoundParts) {
		this.#context = context;
		this.#parts = parts;
		this.#setBack = new SetBack(parts.clock, parts.guard.time, context.store, parts.guard.changedBefore);
		// Rules say what else of the server's is wanted here.
		this.#window = new Window(context.store, parts.newcomers, ({ name }) => name === RULE_FILE);
	}

	/** @throws FolderMissing, and what is neither the disk's nor the network's fault. */
	async run(signal: AbortSignal, isPaused: () => boolean): Promise<RoundResult> {
		const { hints, clock } = this.#parts;
		const started = clock.now();
		await this.#look();
		const wantsNews = hints.takeNews() || !this.#context.store.cursor().epoch;
		const offline = wantsNews ? await this.#ask(signal) : undefined;
		const looked = clock.now();
		const { next, blocked } = this.#plan();
		this.#context.progress.begin(next, [...blocked, ...next.waiting], this.#window.deferred, this.#context.store);
		const planned = clock.now();
		const worthUntil = planned + Math.max(SHORTEST_MS, WORK_SHARE * (planned - started));
		const round: Round = {
			planWorthMs: WORK_SHARE * (planned - looked),
			signal,
			halted: () => signal.aborted || isPaused(),
			interrupted: () => signal.aborted || isPaused() || (hints.waiting && clock.now() >= worthUntil),
			look: (folder) => hints.folder(folder),
		};
		const mayGo = rulesFirst(next, this.#context.store.remote, this.#rulesPending);
		const unquiet = await this.#do(mayGo, round, offline !== undefined);
		const missing = this.#parts.scanner.waits;
		const asked = wantsNews || next.remote.length > 0;
		const times = [unquiet, missing].filter((time) => time !== undefined);
		const comeBackIn = times.length > 0 ? Math.min(...times) : undefined;
		return { idle: isEmpty(next) && missing === undefined, comeBackIn, asked, offline };
	}

	async #look(): Promise<void> {
		const { guard, scanner, hints, signature } = this.#parts;
		const { store, disk, folder: root, problems, ignored, log } = this.#context;
		if (guard.check() === 'renewed') {
			log.warn('The folder is not the one we knew; merging it with the server without deleting anything.');
			hints.everything();
		}
		guard.names.learn();
		// What a power cut has torn is found by what we know of it, and would be somebody's when it is just read again.
		if (!store.doubt) this.#setBack.look();
		for (const folder of [...scanner.takeDue(), ...problems.takeDueFolders()]) hints.folder(folder);
		const { folders, names, below } = hints.take(store, guard.names);
		for (const folder of await scanner.changedIn(names)) folders.add(folder);
		if (folders.size === 0) return;
		if (below) {
			const back = await disk.run('recover', guard.tempDir, root);
			for (const name of back) log.warn({ name }, 'a version that was just being replaced is back in the folder');
		}
		if (store.applying.count() > 0) {
			// Also later: a folder that cannot be used at first may be whole again.
			const moves = halfMoves(store, guard.names, root, signature());
			if (below || moves.length > 0) await disk.run('undoHalfMoves', guard.tempDir, moves);
		}
		const found = await scanner.scan(folders, below);
		for (const [folder, list] of found.problems) problems.inFolder(folder, list);
		for (const [folder, count] of found.ignored) ignored.found(folder, count);
		for (const folder of found.again) hints.folder(folder);
		if (found.everythingAgain) hints.everything();
		this.#window.expect(found.newcomers);
		this.#rulesPending = found.rulesPending;
		this.#missed = await this.#findMissed();
		await this.#overcomeDoubt();
	}

	/** @returns nodes that are at the place where they were to come when the daemon died: the look has not shown them. */
	async #findMissed(): Promise<ReadonlySet<NodeId>> {
		const { store, disk, folder } = this.#context;
		if (store.applying.count() === 0) return new Set();
		const places = maybeMissed(store, this.#parts.guard.names, folder).filter(
			({ target }) => !this.#lookedAgainFor.has(target.id),
		);
		const paths = places.map(({ path }) => path);
		const stats = paths.length > 0 ? await disk.run('statPaths', paths) : [];
		const missed = places.filter((_, index) => stats[index]).map(({ target }) => target);
		for (const { id, parent } of missed) {
			this.#parts.hints.folder(parent);
			this.#lookedAgainFor.add(id);
		}
		return new Set(missed.map(({ id }) => id));
	}

	/** Everything has to be seen first: a power cut takes renames back, too, and the tree would lead to the wrong places. */
	async #overcomeDoubt(): Promise<void> {
		const { scanner } = this.#parts;
		const { store } = this.#context;
		if (!store.doubt || !scanner.hasSeenAll) return;
		if (!this.#soughtTorn) await findTorn(this.#context);
		this.#soughtTorn = true;
		if (scanner.waits === undefined && !scanner.isBlind) store.doubt = false;
	}

	/** @returns why the server cannot be asked, if so. */
	async #ask(signal: AbortSignal): Promise<unknown> {
		const { hints, onPulled } = this.#parts;
		try {
			await finishCommit(this.#context, signal);
			await pull(this.#context, signal);
			onPulled();
			return undefined;
		} catch (error) {
			hints.news();
			if (isPassing(error)) return error;
			throw error;
		}
	}

	#plan(): { next: Plan; blocked: ReadonlySet<NodeId> } {
		const { store, problems, ignored, exclusions } = this.#context;
		const { massDeletes, scanner, signature, newId } = this.#parts;
		const isFolder = (id: NodeId) => id === store.root || store.local.get(id) !== undefined;
		massDeletes.beginRound();
		problems.beginRound();
		const isUnseen = ({ id, parent, name }: ApplyingNode) => {
			const there = store.local.child(parent, name)?.id ?? id;
			return scanner.isUnseen(parent) || scanner.isMissing(id) || scanner.isMissing(there) || this.#missed.has(id);
		};
		const unsettled = new Set(
			store.applying.count() > 0 ? store.observe(() => settleApplying(store, isUnseen, newId)) : [],
		);
		for (;;) {
			const back = massDeletes.takeBack();
			if (back.length > 0) {
				this.#applyState(back);
				continue;
			}
			massDeletes.forgetAnswered();
			const isExcluded = exclusions.now();
			const { root, remote, local, synced, dirty } = store;
			const isMissing = (id: NodeId) => scanner.isInDoubt(id) || unsettled.has(id);
			const blocked = new Set([...problems.blocked(), ...massDeletes.waiting, ...unsettled]);
			const more = { isExcluded, isMissing, blocked, signature: signature() };
			const about = (nodes: Iterable<NodeId>) => plan({ root, remote, local, synced, dirty: nodes, ...more });
			const near = about(this.#window.choose(dirty, blocked));
			const next = this.#window.starves(near) ? about(this.#window.everything(dirty)) : near;
			for (const id of next.atRest) {
				dirty.delete(id);
				blocked.delete(id);
			}
			problems.keepOnly((id) => dirty.has(id), isFolder);
			ignored.keepOnly(isFolder);
			if (next.state.length > 0) this.#applyState(next.state);
			else if (massDeletes.allows(next, scanner.waits !== undefined)) return { next, blocked };
		}
	}

	#applyState(operations: readonly StateOperation[]): void {
		const { store, ignored } = this.#context;
		store.observe(() => {
			for (const operation of operations) {
				store.applyState(operation);
				if (operation.type === 'adopt') ignored.move(operation.local, operation.remote);
			}
		});
	}

	/** Reading, sending and receiving go on beside each other. */
	async #do(next: Plan, round: Round, isOffline: boolean): Promise<number | undefined> {
		const { reader, applier } = this.#parts;
		const work = [reader.read(next.reads, round, !isOffline)] as [Promise<number | undefined>, ...Promise<unknown>[]];
		if (!isOffline) work.push(this.#push(next, round), applier.apply(next.local, round));
		const results = await Promise.allSettled(work);
		for (const result of results) if (result.status === 'rejected') throw result.reason;
		return (results[0] as PromiseFulfilledResult<number | undefined>).value;
	}

	async #push(next: Plan, round: Round): Promise<void> {
		if (next.remote.length === 0) return;
		try {
			const head = await push(next.remote, this.#context, round);
			await pull(this.#context, round.signal, head);
		} finally {
			this.#parts.hints.news();
		}
	}
}
