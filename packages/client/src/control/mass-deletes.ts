import type { NodeId } from '@mydropbox/protocol';
import {
	type MassDeleteLimits,
	needsConfirmation,
	outcomeOf,
	type Plan,
	type StateOperation,
	type TreeNode,
} from '@mydropbox/sync-engine';
import type { HeldDeletes } from '../daemon/engine.ts';
import type { GuardedDelete } from '../state/nodes.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import { heldDeletesProblem } from './explain.ts';
import { questionAbout } from './held-deletes.ts';

/** What was let go within this time counts with what wants to go now: a slow mass delete is one, too. */
const WINDOW_MS = 10 * 60_000;
/** How long deletes wait while more seems to be going, so that all of it is judged at once. */
const PATIENCE_MS = 5000;

/**
 * Stands between the plan and the server: where very many files would be deleted at once, a person is asked first.
 * What is held back stays held, also over a restart, until the person answers, it is here again, or it changed
 * elsewhere. The answer concerns what is held when it comes, and nothing that goes later.
 */
export class MassDeletes {
	readonly #context: Pick<Context, 'store' | 'problems' | 'log'>;
	readonly #clock: Clock;
	readonly #limits: MassDeleteLimits;
	/** Not decided on in this round, because more seems to be going. */
	readonly #gathering = new Set<NodeId>();
	#gatheringSince: number | undefined;
	#held: readonly GuardedDelete[] = [];
	#question: HeldDeletes | null = null;

	constructor(context: Pick<Context, 'store' | 'problems' | 'log'>, clock: Clock, limits: MassDeleteLimits) {
		this.#context = context;
		this.#clock = clock;
		this.#limits = limits;
		this.#ask();
	}

	/** What a person is asked now. */
	get question(): HeldDeletes | null {
		return this.#question;
	}

	/** Nodes that a plan has to leave as they are. */
	get waiting(): ReadonlySet<NodeId> {
		return new Set([...this.#held.map(({ id }) => id), ...this.#gathering]);
	}

	/** To be called when a round begins to plan. */
	beginRound(): void {
		this.#gathering.clear();
	}

	/**
	 * To be called before each plan, until it gives nothing. Something that nobody knows yet is at the place of a node that
	 * is held: the node is back, or a new version of it. What is in a folder is known only when the folder is back.
	 */
	takeBack(): StateOperation[] {
		const { synced, local, remote, sent } = this.#context.store;
		return this.#held.flatMap(({ id }) => {
			const node = local.get(id) ? undefined : synced.get(id);
			const there = node && local.child(node.parent, node.name);
			if (!there || there.version.kind !== node.version.kind) return [];
			const isNew = !synced.get(there.id) && !remote.get(there.id) && !sent.get(there.id);
			return isNew ? [{ type: 'adopt', local: there.id, remote: id }] : [];
		});
	}

	/** To be called after that. */
	forgetAnswered(): void {
		const { store } = this.#context;
		if (store.deletes.count() === 0) return;
		const rows = this.#rows();
		const open = rows.filter((row) => !this.#isOver(row));
		const asks = open.some((row) => row.standing === 'held' && isFile(row));
		const kept = new Set(open.filter(({ standing }) => standing !== 'held' || asks));
		if (kept.size === rows.length) return;
		store.transaction(() => {
			for (const row of rows) if (!kept.has(row)) store.deletes.delete(row.id);
		});
		this.#ask();
	}

	/**
	 * Judges what a plan would delete on the server, and remembers what it lets go.
	 * @param moreIsMissing whether the scanner misses things that it does not take for deleted yet.
	 * @returns false when some of it has to wait: the plan has to be made again without it.
	 */
	allows(plan: Plan, moreIsMissing: boolean): boolean {
		const { store } = this.#context;
		const wanted = plan.remote.flat().flatMap(({ type, id }) => (type === 'delete' ? store.synced.get(id)! : []));
		const fresh = wanted.filter(({ id }) => !store.deletes.get(id));
		if (fresh.length === 0) {
			if (this.#gathering.size === 0) this.#gatheringSince = undefined;
			return true;
		}
		if (moreIsMissing && this.#mayGather()) {
			for (const { id } of fresh) this.#gathering.add(id);
			return false;
		}
		const doubtful = this.#mustAsk(fresh) ? this.#notOnTheWay(wanted) : [];
		// Nobody is asked about folders alone; they can only be part of a question about files.
		const mustAsk = doubtful.some(isFile) || (doubtful.length > 0 && this.#held.length > 0);
		const concerned = mustAsk ? doubtful : fresh;
		const at = this.#clock.now();
		store.transaction(() => {
			for (const node of concerned) store.deletes.set({ ...node, standing: mustAsk ? 'held' : 'let-go', at });
		});
		if (mustAsk) this.#ask();
		return !mustAsk;
	}

	/** What is held now is deleted everywhere. */
	confirm(): void {
		const { store } = this.#context;
		store.transaction(() => {
			for (const row of this.#held) store.deletes.set({ ...row, standing: 'confirmed' });
			// They were part of the same delete, and do not count against what comes after it.
			for (const { id } of this.#rows('let-go')) store.deletes.delete(id);
		});
		this.#ask();
	}

	/** What is held now comes back: it counts as never synced, so that the server's copy is new here. */
	undo(): void {
		const { store } = this.#context;
		store.transaction(() => {
			for (const { id } of this.#held) {
				store.applyState({ type: 'revive', id });
				store.deletes.delete(id);
			}
		});
		this.#ask();
	}

	#mayGather(): boolean {
		const now = this.#clock.now();
		this.#gatheringSince ??= now;
		return Math.abs(now - this.#gatheringSince) < PATIENCE_MS;
	}

	#mustAsk(fresh: readonly TreeNode[]): boolean {
		const { synced } = this.#context.store;
		const lately = this.#rows('let-go').filter(isFile);
		const deletes = {
			wanted: fresh.filter(isFile).length,
			held: this.#held.length,
			lately: lately.length,
			synced: () => synced.countFiles() + lately.filter(({ id }) => !synced.get(id)).length,
		};
		return needsConfirmation(deletes, this.#limits);
	}

	/** Also what was let go and not sent yet; but what the server may have been told cannot be taken back. */
	#notOnTheWay(wanted: readonly TreeNode[]): TreeNode[] {
		const { store } = this.#context;
		const told = new Set(store.unansweredCommit()?.operations.map(({ id }) => id));
		return wanted.filter(({ id }) => !told.has(id) && store.deletes.get(id)?.standing !== 'confirmed');
	}

	#isOver({ id, standing, at }: GuardedDelete): boolean {
		const { synced, local, remote } = this.#context.store;
		if (standing === 'let-go') return Math.abs(this.#clock.now() - at) > WINDOW_MS;
		return outcomeOf(synced.get(id), local.get(id), remote.get(id)) !== 'delete-remote';
	}

	#rows(standing?: GuardedDelete['standing']): GuardedDelete[] {
		const { deletes } = this.#context.store;
		const rows = deletes.ids().map((id) => deletes.get(id)!);
		return standing ? rows.filter((row) => row.standing === standing) : rows;
	}

	/** Puts the question again, as it is now. */
	#ask(): void {
		const { problems, log } = this.#context;
		const before = this.#question;
		const { root, remote } = this.#context.store;
		this.#held = this.#rows('held');
		this.#question = questionAbout(this.#held.filter(isFile), root, remote);
		problems.general('mass-delete', this.#question ? heldDeletesProblem(this.#question) : undefined);
		if (!before && this.#question) log.warn(this.#question, 'very many files are gone; asking before others lose them');
		if (before && !this.#question) log.info('no deletes are held back any more');
	}
}

const isFile = ({ version }: TreeNode): boolean => version.kind !== 'folder';
