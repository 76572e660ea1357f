import type { CommitRequest, CommitResponse, IdempotencyKey, NodeId, NodeVersion } from '@mydropbox/protocol';
import type { VersionKey } from '../ledger.ts';

interface Held {
	readonly parent: NodeId;
	readonly key: VersionKey | undefined;
}

/** What commits took away from the server, told by what the commits before had brought. */
export class Deletes {
	readonly #held = new Map<NodeId, Held>();
	readonly #answered = new Set<IdempotencyKey>();

	/** @returns versions that nodes had which went with this commit; none with one that was sent again. */
	after({ key, operations }: CommitRequest, { results }: CommitResponse): VersionKey[] {
		if (this.#answered.has(key)) return [];
		this.#answered.add(key);
		return operations.flatMap((operation, index) => {
			if (!results[index]!.ok) return [];
			const { id } = operation;
			if (operation.op === 'delete') return this.#take(id);
			const version = operation.op === 'put' ? keyOf(operation.version) : this.#held.get(id)?.key;
			this.#held.set(id, { parent: operation.parent, key: version });
			return [];
		});
	}

	/** With all that is below. */
	#take(id: NodeId): VersionKey[] {
		const gone = this.#held.get(id);
		if (!gone) return [];
		this.#held.delete(id);
		const below = [...this.#held].filter(([, { parent }]) => parent === id).flatMap(([child]) => this.#take(child));
		return gone.key === undefined ? below : [gone.key, ...below];
	}
}

function keyOf(version: NodeVersion): VersionKey | undefined {
	if (version.kind === 'file') return version.content;
	return version.kind === 'symlink' ? `->${version.target}` : undefined;
}
