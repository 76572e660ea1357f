import {
	type Change,
	LIMITS,
	type Name,
	type NodeId,
	type NodeVersion,
	type Operation,
	type OperationResult,
	REFUSALS,
	type Refusal,
	type Rev,
} from '@mydropbox/protocol';
import type { CommitContents } from './commit-contents.ts';
import { type TreeNode, toState, toTombstone } from './tree-node.ts';
import type { WorkingTree } from './working-tree.ts';

/** What there is beside the tree. */
export interface Allowance {
	readonly contents: CommitContents;
	/** Bytes. */
	readonly quota: number;
}

/** An operation was not accepted; `node` is what is there now. */
class Refused {
	readonly code: Refusal;
	readonly node: Change | null;

	constructor(code: Refusal, node: Change | null = null) {
		this.code = code;
		this.node = node;
	}
}

type Verdict = Promise<Rev | Refused>;
type Decisions = {
	[Op in Operation['op']]: (tree: WorkingTree, operation: Operation & { op: Op }, allowance: Allowance) => Verdict;
};

const DECISIONS: Decisions = { put, move, delete: remove };

/** Accepts the operation and changes the tree, or refuses it and changes nothing. */
export async function decide(tree: WorkingTree, operation: Operation, allowance: Allowance): Promise<OperationResult> {
	const verdict = await DECISIONS[operation.op](tree, operation as never, allowance);
	if (!(verdict instanceof Refused)) return { ok: true, rev: verdict };
	return toResult(verdict);
}

/** Sends the client back to look at the node as it was before this commit. */
export function refuseStale(tree: WorkingTree, id: NodeId): OperationResult {
	const stored = tree.stored(id);
	return toResult(new Refused('stale', stored ? toState(stored) : null));
}

const toResult = ({ code, node }: Refused): OperationResult => ({
	ok: false,
	code,
	message: `Not done: ${REFUSALS[code]}.`,
	node,
});

async function put(
	tree: WorkingTree,
	{ id, base, parent, name, version, content }: Operation & { op: 'put' },
	{ contents, quota }: Allowance,
): Verdict {
	if (id === tree.root) return new Refused('is-root');
	if (isStale(tree, id, base, 'may be new')) return new Refused('stale', latest(tree, id));
	const now = tree.node(id);
	const before = now?.version.kind ?? tree.deleted(id)?.kind ?? version.kind;
	if (before !== version.kind) return new Refused('kind-changed', latest(tree, id));
	const refused = await refusePlace(tree, id, parent, name);
	if (refused) return refused;
	const fault = contents.fault(version, content);
	if (fault) return new Refused(fault, latest(tree, id));
	const growth = sizeOf(version) - sizeOf(now?.version);
	if (growth > 0 && tree.totals.bytesUsed + growth > quota) return new Refused('quota-exceeded', latest(tree, id));
	if (content) contents.keep(content);
	const rev = tree.nextRev();
	tree.put(rev, id, parent, name, version);
	return rev;
}

async function move(tree: WorkingTree, { id, base, parent, name }: Operation & { op: 'move' }): Verdict {
	if (id === tree.root) return new Refused('is-root');
	if (isStale(tree, id, base)) return new Refused('stale', latest(tree, id));
	const { version } = tree.node(id) as TreeNode;
	const refused = await refusePlace(tree, id, parent, name);
	if (refused) return refused;
	const rev = tree.nextRev();
	tree.put(rev, id, parent, name, version);
	return rev;
}

async function remove(tree: WorkingTree, { id, base, below }: Operation & { op: 'delete' }): Verdict {
	if (id === tree.root) return new Refused('is-root');
	if (isStale(tree, id, base)) return new Refused('stale', latest(tree, id));
	const now = tree.node(id) as TreeNode;
	if (now.version.kind === 'folder' && tree.hasChildren(id)) {
		if (below === undefined) return new Refused('not-empty', toState(now));
		if ((tree.stored(id)?.subtreeRev ?? 0) > below) return new Refused('changed-below', toState(now));
		const lost = await tree.below(id);
		// What this commit moved in here may hold news that the client has not seen.
		if (lost.some((node) => (tree.stored(node.id)?.rev ?? 0) > below))
			return new Refused('changed-below', toState(now));
		// From the leaves up, so that there is a tree at each rev.
		for (const node of lost) tree.remove(node.id, tree.nextRev());
	}
	const rev = tree.nextRev();
	tree.remove(id, rev);
	return rev;
}

/** Why the node cannot be there; undefined when it can. */
async function refusePlace(tree: WorkingTree, id: NodeId, parent: NodeId, name: Name): Promise<Refused | undefined> {
	const folder = tree.node(parent);
	if (!folder) return new Refused('no-parent', latest(tree, id));
	if (folder.version.kind !== 'folder') return new Refused('not-a-folder', toState(folder));
	if (tree.isWithin(parent, id)) return new Refused('cycle', latest(tree, id));
	const inTheWay = tree.at(parent, name);
	if (inTheWay && inTheWay.id !== id) return new Refused('name-taken', toState(inTheWay));
	if (!(await fitsBelow(tree, id, parent))) return new Refused('too-deep', latest(tree, id));
	return undefined;
}

/**
 * Whether no path gets too long when the node, with all that is below it, comes to lie in `parent`. What is below is
 * only looked at when the deepest path of the whole namespace, moved along, would be too long.
 */
async function fitsBelow(tree: WorkingTree, id: NodeId, parent: NodeId): Promise<boolean> {
	const { totals } = tree;
	const depth = tree.depth(parent) + 1;
	if (depth > LIMITS.pathDepth) return false;
	const now = tree.node(id);
	let deepest = depth;
	if (now?.version.kind === 'folder') {
		const depthNow = tree.depth(id);
		if (depth <= depthNow) return true;
		deepest += totals.maxDepth - depthNow;
		if (deepest > LIMITS.pathDepth) deepest = depth + (await tree.height(id));
		if (deepest > LIMITS.pathDepth) return false;
	}
	totals.maxDepth = Math.max(totals.maxDepth, deepest);
	return true;
}

/** Whether the operation was made on something else than the state before this commit. */
function isStale(tree: WorkingTree, id: NodeId, base: Rev, isNew?: 'may be new'): boolean {
	const stored = tree.stored(id);
	if (base !== (stored?.rev ?? 0)) return true;
	// An earlier operation of the commit may have made it, or deleted it.
	return tree.node(id) === undefined && !(isNew && !stored);
}

/** What is there now, or what was deleted; null when there never was such a node. */
function latest(tree: WorkingTree, id: NodeId): Change | null {
	const node = tree.node(id);
	if (node) return toState(node);
	const deleted = tree.deleted(id);
	return deleted ? toTombstone(deleted) : null;
}

const sizeOf = (version: NodeVersion | undefined): number => (version?.kind === 'file' ? version.size : 0);
