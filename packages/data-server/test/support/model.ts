import type { Operation } from '@mydropbox/protocol';

interface ModelNode {
	parent: string;
	name: string;
	kind: string;
	size: number;
	rev: number;
}

/**
 * The tree as the protocol's prose describes it, by the most naive means: every question is answered by looking at
 * everything. What the property tests hold the server to.
 */
export class ModelTree {
	readonly root: string;
	head = 0;
	nodes = new Map<string, ModelNode>();
	/** Kinds of nodes that were deleted. */
	gone = new Map<string, string>();
	/** The whole tree after each rev; undefined inside the delete of a folder, whose order is nobody's business. */
	readonly pasts: (string | undefined)[];
	/** The head after the last commit that changed something below the folder. */
	#below = new Map<string, number>();
	#touched = new Set<string>();

	constructor(root: string) {
		this.root = root;
		this.pasts = [this.drawing()];
	}

	/** One line per node, sorted. */
	drawing(): string {
		const lines = [...this.nodes].map(([id, node]) =>
			[id, node.parent, node.name, node.kind, node.size, node.rev].join(' '),
		);
		return lines.sort().join('\n');
	}

	/** @returns for each operation whether it is accepted. */
	commit(operations: readonly Operation[]): boolean[] {
		const out = new Set<string>();
		for (;;) {
			const attempt = this.#copy();
			const accepted = operations.map((operation) => !out.has(operation.id) && attempt.#accepts(operation, this));
			const yes = new Set(operations.filter((_, n) => accepted[n]).map(({ id }) => id));
			const half = operations.filter(({ id }, n) => !accepted[n] && yes.has(id) && !out.has(id));
			if (half.length === 0) {
				for (const id of attempt.#touched) attempt.#below.set(id, attempt.head);
				this.#become(attempt);
				return accepted;
			}
			for (const { id } of half) out.add(id);
		}
	}

	#accepts(operation: Operation, before: ModelTree): boolean {
		const { id, base } = operation;
		if (id === this.root) return false;
		if (base !== (before.nodes.get(id)?.rev ?? 0)) return false;
		const now = this.nodes.get(id);
		if (!now && (operation.op !== 'put' || before.nodes.has(id))) return false;
		if (operation.op === 'delete') return this.#acceptsDelete(operation, before);
		const kind = operation.op === 'put' ? operation.version.kind : (now as ModelNode).kind;
		if (kind !== (now?.kind ?? this.gone.get(id) ?? kind)) return false;
		const { parent, name } = operation;
		if (parent !== this.root && this.nodes.get(parent)?.kind !== 'folder') return false;
		if (this.#path(parent).includes(id)) return false;
		if ([...this.nodes].some(([other, node]) => other !== id && node.parent === parent && node.name === name))
			return false;
		const size = operation.op === 'put' ? sizeOf(operation) : (now as ModelNode).size;
		this.head++;
		if (now) this.#touch(now.parent);
		else this.#below.set(id, this.head);
		this.nodes.set(id, { parent, name, kind, size, rev: this.head });
		this.#touch(parent);
		this.gone.delete(id);
		this.pasts.push(this.drawing());
		return true;
	}

	#acceptsDelete({ id, below }: Operation & { op: 'delete' }, before: ModelTree): boolean {
		const inside = [...this.nodes.keys()].filter((other) => other !== id && this.#path(other).includes(id));
		if (inside.length > 0) {
			// What was below a folder in an earlier life went with it.
			const touched = before.nodes.has(id) ? before.#below.get(id)! : 0;
			if (below === undefined || touched > below) return false;
			if (inside.some((other) => (before.nodes.get(other)?.rev ?? 0) > below)) return false;
		}
		const leavesFirst = [...inside].sort((a, b) => this.#path(b).length - this.#path(a).length);
		for (const victim of [...leavesFirst, id]) {
			const { kind, parent } = this.nodes.get(victim) as ModelNode;
			this.nodes.delete(victim);
			this.gone.set(victim, kind);
			this.head++;
			this.#touch(parent);
			this.pasts.push(victim === id ? this.drawing() : undefined);
		}
		return true;
	}

	/** From the node to the root, both included. */
	#path(id: string): string[] {
		const parent = this.nodes.get(id)?.parent;
		return parent === undefined ? [id] : [id, ...this.#path(parent)];
	}

	#touch(folder: string): void {
		for (const id of this.#path(folder)) this.#touched.add(id);
	}

	#copy(): ModelTree {
		const copy = new ModelTree(this.root);
		copy.#become(this);
		return copy;
	}

	#become(other: ModelTree): void {
		this.head = other.head;
		this.nodes = new Map(other.nodes);
		this.gone = new Map(other.gone);
		this.pasts.splice(0, this.pasts.length, ...other.pasts);
		this.#below = new Map(other.#below);
	}
}

const sizeOf = ({ version }: Operation & { op: 'put' }): number => (version.kind === 'file' ? version.size : 0);
