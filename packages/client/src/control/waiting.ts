import type { NodeId } from '@mydropbox/protocol';
import type { Problem } from '../daemon/engine.ts';
import type { Store } from '../state/store.ts';
import { waitsFor } from './explain.ts';

/**
 * What is not in step although nothing is wrong with it: it waits for the folder that it belongs in, or for its name.
 * @param inTheWay whether a node has a problem of its own, or waits for an answer.
 * @returns nothing for nodes of which nobody knows what they wait for.
 */
export function waitingProblems(
	store: Store,
	open: Iterable<NodeId>,
	inTheWay: (id: NodeId) => boolean,
): Map<NodeId, Problem> {
	const problems = new Map<NodeId, Problem>();
	for (const id of open) {
		const other = inTheWay(id) ? undefined : whatIsBefore(store, id, inTheWay);
		if (other !== undefined) problems.set(id, waitsFor(pathOf(store, id), pathOf(store, other)));
	}
	return problems;
}

/** Where it is here, or where the server has it. */
export function pathOf(store: Store, id: NodeId): string {
	const here = store.diskPath(id);
	if (here !== undefined) return here;
	const names: string[] = [];
	for (let at = store.remote.get(id); at; at = store.remote.get(at.parent)) names.unshift(at.name);
	return names.join('/');
}

function whatIsBefore(store: Store, id: NodeId, inTheWay: (id: NodeId) => boolean): NodeId | undefined {
	const { local, remote, root } = store;
	for (const tree of [local, remote]) {
		const node = tree.get(id);
		if (!node) continue;
		for (const other of [local, remote]) {
			const occupant = other.child(node.parent, node.name);
			if (occupant && occupant.id !== id && inTheWay(occupant.id)) return occupant.id;
		}
		for (let at = node.parent; at !== root; ) {
			if (inTheWay(at)) return at;
			const above = tree.get(at);
			if (!above) break;
			at = above.parent;
		}
	}
	// A folder goes last: what is in it goes first.
	for (const tree of [local, remote]) {
		for (const child of tree.children(id)) if (inTheWay(child.id)) return child.id;
	}
	return undefined;
}
