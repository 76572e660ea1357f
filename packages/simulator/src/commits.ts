import type {
	CommitRequest,
	CommitResponse,
	IdempotencyKey,
	NodeId,
	NodeVersion,
	Operation,
} from '@mydropbox/protocol';
import type { Ledger, VersionKey } from './ledger.ts';

export interface CommitsOptions {
	readonly ledger: Pick<Ledger, 'versions'>;
	readonly violated: (invariant: string, message: string) => void;
	/** Whether nobody knows what the server has, because it was restored from a backup. */
	readonly isUnknown: () => boolean;
	/** Whether a device may have forgotten what it has agreed on. */
	readonly mayForget: (device: string) => boolean;
	/** From how many deletes on a device has to ask a person; undefined: it may delete more than there are. */
	readonly asksFrom: number | undefined;
	/** Whether a person has said yes to many deletes on a device. */
	readonly hasConfirmed: (device: string) => boolean;
}

interface Held {
	readonly parent: NodeId;
	readonly key: VersionKey | undefined;
}

/** Sees what the server accepts, and holds the devices to the invariants by what their users have done. */
export class Commits {
	readonly #options: CommitsOptions;
	readonly #held = new Map<NodeId, Held>();
	/** Versions that a node has had, also one that is deleted by now. */
	readonly #past = new Map<NodeId, Set<VersionKey>>();
	readonly #answered = new Set<IdempotencyKey>();

	constructor(options: CommitsOptions) {
		this.#options = options;
	}

	answered(device: string, { key, operations }: CommitRequest, { results }: CommitResponse): void {
		if (this.#answered.has(key)) return;
		this.#answered.add(key);
		const gone = operations.flatMap((operation, index) => (results[index]!.ok ? this.#follow(device, operation) : []));
		if (!this.#options.isUnknown()) this.#judgeDeletes(device, gone);
	}

	/** @returns versions that nodes had which went with this operation. */
	#follow(device: string, operation: Operation): VersionKey[] {
		const { id, op } = operation;
		if (op === 'delete') return this.#take(id);
		const known = this.#held.get(id);
		const key = op === 'put' ? keyOf(operation.version) : known?.key;
		const past = this.#past.get(id) ?? new Set();
		if (key) this.#past.set(id, past.add(key));
		if (!known && key) this.#judgeNew(device, operation.name, key, past);
		this.#held.set(id, { parent: operation.parent, key });
		return [];
	}

	/** With all that is below. */
	#take(id: NodeId): VersionKey[] {
		const gone = this.#held.get(id);
		if (!gone) return [];
		this.#held.delete(id);
		const below = [...this.#held].filter(([, { parent }]) => parent === id).flatMap(([child]) => this.#take(child));
		return gone.key === undefined ? below : [gone.key, ...below];
	}

	#judgeDeletes(device: string, keys: readonly VersionKey[]): void {
		const { ledger, violated, asksFrom, hasConfirmed } = this.#options;
		for (const key of keys) {
			const version = ledger.versions.get(key);
			if (version && !version.movedOn.has(device))
				violated('S4', `${device} deletes ${key.slice(0, 10)}, which no user took away there`);
		}
		if (asksFrom !== undefined && keys.length > asksFrom && !hasConfirmed(device))
			violated('S4', `${device} deletes ${keys.length} files at once, and has asked nobody`);
	}

	/**
	 * A device has a conflict with others about what its own user did, and not about what it had put there itself.
	 * @param past the versions of the node: one that comes back after a delete may have been given a name that was taken.
	 */
	#judgeNew(device: string, name: string, key: VersionKey, past: ReadonlySet<VersionKey>): void {
		const { ledger, violated, mayForget } = this.#options;
		if (!ledger.versions.has(key) || !name.includes(`(conflicted copy, ${device}, `) || mayForget(device)) return;
		const versions = [...past].map((version) => ledger.versions.get(version));
		if (!versions.some((version) => version && (version.device === device || version.movedOn.has(device))))
			violated('S6', `${device} has a conflict with itself: it brings ${key.slice(0, 10)} as ${name}`);
	}
}

function keyOf(version: NodeVersion): VersionKey | undefined {
	if (version.kind === 'file') return version.content;
	return version.kind === 'symlink' ? `->${version.target}` : undefined;
}
