import type { NodeId, Operation, OperationResult } from '@mydropbox/protocol';
import type { CommitContents } from './commit-contents.ts';
import { decide, refuseStale } from './operations.ts';
import type { Place } from './tree-source.ts';
import type { WorkingTree } from './working-tree.ts';

export interface Outcome {
	readonly tree: WorkingTree;
	readonly contents: CommitContents;
	readonly results: OperationResult[];
}

export interface Given {
	/** The tree as it is before the commit, nothing fetched yet. */
	freshTree: () => WorkingTree;
	/** What is known about the contents that the operations name. */
	fetchContents: () => Promise<CommitContents>;
	/** Bytes. */
	quota: number;
}

/** Each refusal can uncover one more, and each round reads everything again while others wait. Honest commits need few. */
const MOST_ROUNDS = 8;

/**
 * Accepts or refuses each operation, in order. Those on one node are accepted together or not at all: a node on its
 * way over a made-up name must not be left there. When one of several is refused, all start over without that node;
 * after many rounds without any such node.
 */
export async function applyOperations(operations: readonly Operation[], given: Given): Promise<Outcome> {
	const out = new Map<NodeId, OperationResult>();
	for (let round = 1; ; round++) {
		const outcome = await attempt(operations, given, out);
		const refused = halfDone(operations, outcome.results);
		if (refused.size === 0) return outcome;
		for (const [id, refusal] of refused) out.set(id, refusal);
		if (round < MOST_ROUNDS) continue;
		for (const id of changedTwice(operations)) if (!out.has(id)) out.set(id, refuseStale(outcome.tree, id));
	}
}

async function attempt(
	operations: readonly Operation[],
	{ freshTree, fetchContents, quota }: Given,
	out: ReadonlyMap<NodeId, OperationResult>,
): Promise<Outcome> {
	const tree = freshTree();
	await fetchFor(tree, operations);
	const contents = await fetchContents();
	const results: OperationResult[] = [];
	for (const operation of operations) {
		results.push(out.get(operation.id) ?? (await decide(tree, operation, { contents, quota })));
	}
	return { tree, contents, results };
}

/** Nodes with an accepted and a refused operation, and the refusal. */
function halfDone(operations: readonly Operation[], results: readonly OperationResult[]): Map<NodeId, OperationResult> {
	const accepted = new Set<NodeId>();
	const refused = new Map<NodeId, OperationResult>();
	operations.forEach(({ id }, index) => {
		const result = results[index] as OperationResult;
		if (result.ok) accepted.add(id);
		else if (!refused.has(id)) refused.set(id, result);
	});
	return new Map([...refused].filter(([id]) => accepted.has(id)));
}

function changedTwice(operations: readonly Operation[]): NodeId[] {
	const byNode = Map.groupBy(operations, ({ id }) => id);
	return [...byNode].filter(([, list]) => list.length > 1).map(([id]) => id);
}

/** The nodes and places that the operations name, in a few queries whatever their number. */
async function fetchFor(tree: WorkingTree, operations: readonly Operation[]): Promise<void> {
	const ids = new Set<NodeId>();
	const places: Place[] = [];
	const emptied = new Set<NodeId>();
	for (const operation of operations) {
		ids.add(operation.id);
		if (operation.op === 'delete') {
			emptied.add(operation.id);
		} else {
			ids.add(operation.parent);
			places.push(operation);
		}
	}
	await tree.fetch({ ids: [...ids], places, emptied: [...emptied] });
}
