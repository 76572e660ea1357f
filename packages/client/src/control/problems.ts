import type { NodeId } from '@mydropbox/protocol';
import type { Problem } from '../daemon/engine.ts';
import type { Clock } from './clock.ts';

interface Entry {
	failures: number;
	retryAt: number;
	problem: Problem | undefined;
}
interface FolderEntry {
	failures: number;
	lookAt: number;
	problems: readonly Problem[];
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 60_000;
const WORTH_TELLING = 6;
const KEEPS_CHANGING = {
	reason: 'It is never as it was a moment before, here or on the server, or something unknown is in its place.',
	nextStep: 'It is tried again by itself; if it stays so, move it out of the folder and back.',
};

/** What is written to all the time is told for so long after it was last seen so. */
const BUSY_MS = 10_000;
const BUSY = {
	reason: 'A program has been writing to it for some time, so what others have of it is some seconds old.',
	nextStep: 'What can be read of it is sent by itself; to keep it on this device only, name it in .mydropboxignore.',
};

/** What could not be synced, with the time at which each is tried again: twice as long after each failure. */
export class Problems {
	readonly #clock: Clock;
	readonly #nodes = new Map<NodeId, Entry>();
	/** By the folder that was looked at. */
	readonly #folders = new Map<NodeId, FolderEntry>();
	/** Nodes that wait for others. */
	#waiting: ReadonlyMap<NodeId, Problem> = new Map();
	/** Files that are written to all the time. They are synced all the same. */
	readonly #busy = new Map<NodeId, { readonly until: number; readonly problem: Problem }>();
	/** What concerns everything, by its kind. */
	readonly #general = new Map<string, Problem>();
	/** By this time a whole round goes: what is due a moment later was left alone by its plan, and is so until the next. */
	#roundAt: number;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#roundAt = clock.now();
	}

	beginRound(): void {
		this.#roundAt = this.#clock.now();
	}

	failed(id: NodeId, problem: Problem): void {
		this.#fail(id, () => problem);
	}

	/** Somebody was faster, and the next look should do; a person hears of it only when that goes on. */
	outrun(id: NodeId, path: string): void {
		this.#fail(id, (failures) => (failures < WORTH_TELLING ? undefined : { path, ...KEEPS_CHANGING }));
	}

	#fail(id: NodeId, problem: (failures: number) => Problem | undefined): void {
		const failures = (this.#nodes.get(id)?.failures ?? 0) + 1;
		this.#nodes.set(id, { failures, retryAt: this.#clock.now() + backOff(failures), problem: problem(failures) });
	}

	succeeded(id: NodeId): void {
		this.#nodes.delete(id);
	}

	busy(id: NodeId, path: string): void {
		this.#busy.set(id, { until: this.#clock.monotonic() + BUSY_MS, problem: { path, ...BUSY } });
	}

	/** No program writes to it now. */
	calm(id: NodeId): void {
		this.#busy.delete(id);
	}

	/** Whether something was written to all the time until just now. */
	get isBusy(): boolean {
		return this.#whatIsBusy().length > 0;
	}

	#whatIsBusy(): { readonly until: number; readonly problem: Problem }[] {
		const now = this.#clock.monotonic();
		return [...this.#busy.values()].filter(({ until }) => until > now);
	}

	/** Everything is tried again at once. */
	retryNow(): void {
		for (const entry of this.#nodes.values()) entry.retryAt = 0;
		for (const entry of this.#folders.values()) entry.lookAt = 0;
	}

	/** What a look at a folder found; no hint tells when a person has mended it, so it is looked at again. */
	inFolder(folder: NodeId, problems: readonly Problem[]): void {
		if (problems.length === 0) {
			this.#folders.delete(folder);
			return;
		}
		const failures = (this.#folders.get(folder)?.failures ?? 0) + 1;
		this.#folders.set(folder, { failures, lookAt: this.#clock.now() + backOff(failures), problems });
	}

	/** Folders to look at again now. The next look counts from here, whatever becomes of this one. */
	takeDueFolders(): NodeId[] {
		const now = this.#clock.now();
		const due = [...this.#folders].filter(([, { lookAt }]) => lookAt <= now);
		for (const [, entry] of due) entry.lookAt = now + backOff(entry.failures);
		return due.map(([id]) => id);
	}

	/** What is not in step only because of something else; in place of what was said before. */
	waiting(problems: ReadonlyMap<NodeId, Problem>): void {
		this.#waiting = problems;
	}

	general(kind: string, problem: Problem | undefined): void {
		if (problem) this.#general.set(kind, problem);
		else this.#general.delete(kind);
	}

	has(kind: string): boolean {
		return this.#general.has(kind);
	}

	/** Nodes not to be touched in this round. */
	blocked(): Set<NodeId> {
		return new Set([...this.#nodes].filter(([, { retryAt }]) => retryAt > this.#roundAt).map(([id]) => id));
	}

	/** Milliseconds until something is due again; undefined when nothing waits for that. */
	nextRetry(): number | undefined {
		const now = this.#clock.now();
		let first = Number.POSITIVE_INFINITY;
		for (const { retryAt } of this.#nodes.values()) {
			if (retryAt > this.#roundAt) first = Math.min(first, Math.max(0, retryAt - now));
		}
		for (const { until } of this.#whatIsBusy()) first = Math.min(first, until - this.#clock.monotonic());
		for (const { lookAt } of this.#folders.values()) first = Math.min(first, Math.max(0, lookAt - now));
		return first === Number.POSITIVE_INFINITY ? undefined : first;
	}

	/** Forgets nodes that are in order now, what has become quiet, and folders that are not there any more. */
	keepOnly(isOpen: (id: NodeId) => boolean, isFolder: (id: NodeId) => boolean): void {
		for (const id of this.#nodes.keys()) if (!isOpen(id)) this.#nodes.delete(id);
		for (const id of this.#folders.keys()) if (!isFolder(id)) this.#folders.delete(id);
		if (!this.isBusy) this.#busy.clear();
		this.#waiting = new Map([...this.#waiting].filter(([id]) => isOpen(id)));
	}

	isProblem(id: NodeId): boolean {
		return this.#nodes.get(id)?.problem !== undefined;
	}

	/** Whether something is wrong in the folder, or with reading it. */
	isInFolder(folder: NodeId): boolean {
		return this.#folders.has(folder);
	}

	list(): Problem[] {
		const nodes = [...this.#nodes.values()].flatMap(({ problem }) => problem ?? []);
		const folders = [...this.#folders.values()].flatMap(({ problems }) => problems);
		const busy = this.#whatIsBusy().map(({ problem }) => problem);
		return [...this.#general.values(), ...folders, ...nodes, ...busy, ...this.#waiting.values()];
	}
}

/** Milliseconds, twice as many after each failure. */
const backOff = (failures: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
