import type { ContentHash, Mtime, Name, NodeId } from '@mydropbox/protocol';
import fc from 'fast-check';
import {
	type LocalOperation,
	type MemoryTree,
	type Plan,
	type RemoteOperation,
	type StateOperation,
	sameContent,
	type TreeNode,
	type Version,
} from '../../src/index.ts';

export const ROOT = 'root' as NodeId;

/** A change that a person makes on one side. Indices are taken modulo what there is. */
export type Edit =
	| { do: 'create'; kind: 'file' | 'folder' | 'symlink'; parent: number; name: number; content: number }
	| { do: 'edit'; node: number; content: number }
	| { do: 'move'; node: number; parent: number; name: number }
	| { do: 'swap'; node: number; other: number }
	| { do: 'delete'; node: number };

const index = fc.nat(30);
const small = fc.nat(4);
export const edits = (max: number): fc.Arbitrary<Edit[]> =>
	fc.array(
		fc.oneof(
			fc.record({
				do: fc.constant('create' as const),
				kind: fc.constantFrom('file' as const, 'folder' as const, 'folder' as const, 'symlink' as const),
				parent: index,
				name: small,
				content: small,
			}),
			fc.record({ do: fc.constant('edit' as const), node: index, content: small }),
			fc.record({ do: fc.constant('move' as const), node: index, parent: index, name: small }),
			fc.record({ do: fc.constant('swap' as const), node: index, other: index }),
			fc.record({ do: fc.constant('delete' as const), node: index }),
		),
		{ maxLength: max },
	);

/** Few folders that are moved into each other, so that what both sides do meets. */
const SIX: Edit[] = [0, 1, 2, 3, 4, 5].map((name) => ({ do: 'create', kind: 'folder', parent: 0, name, content: 0 }));
const few = fc.nat(6);
const tangle = fc.array(
	fc.oneof(
		{ weight: 8, arbitrary: fc.record({ do: fc.constant('move' as const), node: few, parent: few, name: few }) },
		{ weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), node: few }) },
	),
	{ maxLength: 6 },
);

/** What happened before, and since then here and there. */
export const stories: fc.Arbitrary<[before: Edit[], mine: Edit[], theirs: Edit[]]> = fc.oneof(
	fc.tuple(edits(15), edits(10), edits(10)),
	fc.tuple(
		tangle.map((moves) => [...SIX, ...moves]),
		tangle,
		tangle,
	),
);

export const fileVersion = (content: number): Version => ({
	kind: 'file',
	content: `c${content}` as ContentHash,
	size: content,
	mtime: String(content) as Mtime,
	exec: false,
});
const versionOf = (kind: Version['kind'], content: number): Version =>
	kind === 'folder'
		? { kind }
		: kind === 'file'
			? fileVersion(content)
			: { kind, target: `t${content}`, mtime: String(content) as Mtime };

export const isInside = (tree: MemoryTree, id: NodeId, folder: NodeId): boolean => {
	for (let at: NodeId = id; at !== ROOT; at = tree.get(at)!.parent) if (at === folder) return true;
	return folder === ROOT;
};
export const deleteSubtree = (tree: MemoryTree, id: NodeId): void => {
	for (const child of [...tree.children(id)]) deleteSubtree(tree, child.id);
	tree.delete(id);
};

/** Does what is possible of the edits; what makes no sense in this tree is passed over. */
export function applyEdits(tree: MemoryTree, list: Edit[], prefix: string): void {
	let counter = 0;
	for (const edit of list) {
		const nodes = [...tree.all()];
		const folders = [ROOT, ...nodes.filter((node) => node.version.kind === 'folder').map(({ id }) => id)];
		const pick = (i: number) => nodes[i % nodes.length];
		if (edit.do === 'create') {
			const parent = folders[edit.parent % folders.length]!;
			const name = `n${edit.name}` as Name;
			if (!tree.child(parent, name)) {
				tree.set({ id: `${prefix}${counter++}` as NodeId, parent, name, version: versionOf(edit.kind, edit.content) });
			}
			continue;
		}
		const node = pick(edit.node);
		if (!node) continue;
		if (edit.do === 'delete') deleteSubtree(tree, node.id);
		else if (edit.do === 'edit') tree.set({ ...node, version: versionOf(node.version.kind, edit.content) });
		else if (edit.do === 'move') {
			const parent = folders[edit.parent % folders.length]!;
			const name = `n${edit.name}` as Name;
			if (!tree.child(parent, name) && !isInside(tree, parent, node.id)) tree.set({ ...node, parent, name });
		} else {
			const other = pick(edit.other)!;
			if (isInside(tree, node.id, other.id) || isInside(tree, other.id, node.id)) continue;
			tree.set({ ...node, parent: other.parent, name: other.name });
			tree.set({ ...other, parent: node.parent, name: node.name });
		}
	}
}

export interface World {
	remote: MemoryTree;
	local: MemoryTree;
	synced: MemoryTree;
	/** Versions of local files that nobody has read yet. */
	unread: Map<NodeId, Version>;
	fresh: () => NodeId;
	/** As a selective sync does it: with all that the server has in it, wherever that is. */
	readonly deselected: ReadonlySet<NodeId>;
	/** As a rule does it: what is here, in a folder that is kept, stays. */
	readonly unwanted: ReadonlySet<NodeId>;
	/** Planned for in each round, even when they are at rest. */
	readonly looked: ReadonlySet<NodeId>;
}

export function isExcluded(world: World, id: NodeId): boolean {
	const node = world.remote.get(id);
	if (!node) return false;
	if (world.deselected.has(id) || (world.unwanted.has(id) && !world.local.get(id))) return true;
	return isExcluded(world, node.parent);
}

const place = (tree: MemoryTree, node: TreeNode): void => {
	const there = tree.child(node.parent, node.name);
	if (there && there.id !== node.id)
		throw new Error(`${node.name} in ${node.parent} is taken by ${there.id}, wanted by ${node.id}`);
	if (node.parent !== ROOT && tree.get(node.parent)?.version.kind !== 'folder')
		throw new Error(`${node.id}: no folder ${node.parent}`);
	if (node.parent !== ROOT && tree.get(node.id) && isInside(tree, node.parent, node.id))
		throw new Error(`${node.id} goes into itself`);
	tree.set(node);
};
const remove = (tree: MemoryTree, id: NodeId): void => {
	for (const child of tree.children(id)) throw new Error(`${id} is deleted with ${child.id} in it`);
	tree.delete(id);
};
/** Carries a plan out; throws where a real disk or server would refuse. */
export function carryOut(world: World, plan: Plan, shuffle: <T>(list: readonly T[]) => T[]): void {
	carryOutSome(world, plan, (work) => work(), shuffle);
}

/** @param attempt does one operation, or does not. */
export function carryOutSome(
	world: World,
	plan: Plan,
	attempt: (work: () => void) => void,
	shuffle: <T>(list: readonly T[]) => T[],
): void {
	for (const op of plan.state) doState(world, op);
	for (const id of plan.reads) {
		attempt(() => {
			world.local.set({ ...world.local.get(id)!, version: world.unread.get(id)! });
			world.unread.delete(id);
		});
	}
	const wasExcluded = new Set([...world.remote.all()].map(({ id }) => id).filter((id) => isExcluded(world, id)));
	for (const batch of plan.remote) for (const op of shuffle(batch)) attempt(() => doRemote(world, op, wasExcluded));
	for (const batch of plan.local) for (const op of shuffle(batch)) attempt(() => doLocal(world, op, wasExcluded));
}

function doState({ local, remote, synced }: World, op: StateOperation): void {
	if (op.type === 'agree') synced.set(remote.get(op.id)!);
	else if (op.type === 'adopt') {
		const node = local.get(op.local)!;
		const children = [...local.children(op.local)];
		local.delete(op.local);
		local.set({ ...node, id: op.remote });
		for (const child of children) {
			local.set({ ...child, parent: op.remote });
			const base = synced.get(child.id);
			if (base?.parent === op.local) synced.set({ ...base, parent: op.remote });
		}
	} else synced.delete(op.id);
}

function doRemote({ remote }: World, op: RemoteOperation, wasExcluded: ReadonlySet<NodeId>): void {
	if (op.type === 'put') place(remote, { id: op.id, ...op.place, version: op.version });
	else if (op.type === 'move') place(remote, { ...remote.get(op.id)!, ...op.place });
	else {
		if (wasExcluded.has(op.id)) throw new Error(`${op.id} is excluded, and shall be deleted on the server`);
		remove(remote, op.id);
	}
}

function doLocal(world: World, op: LocalOperation, wasExcluded: ReadonlySet<NodeId>): void {
	const { local, remote, synced } = world;
	if (op.type === 'write') {
		if (op.displaced?.name === null) {
			remove(local, op.displaced.id!);
			synced.delete(op.displaced.id!);
		} else if (op.displaced) {
			const there = local.get(op.displaced.id ?? op.id)!;
			const base = synced.get(there.id);
			if (base && op.displaced.id && !op.displaced.aside) synced.set({ ...base, name: op.displaced.name });
			place(local, {
				...there,
				id: op.displaced.id ?? world.fresh(),
				parent: op.place.parent,
				name: op.displaced.name,
			});
			if (op.displaced.id === null) local.delete(op.id);
		}
		place(local, { id: op.id, ...op.place, version: op.version });
	} else if (op.type === 'move') {
		const base = synced.get(op.id);
		if (base && !op.aside) synced.set({ ...base, ...op.place });
		place(local, { ...local.get(op.id)!, ...op.place });
	} else if (op.type === 'delete') remove(local, op.id);
	else {
		const { version } = local.get(op.id)!;
		const known = [synced.get(op.id), remote.get(op.id)].some((node) => node && sameContent(node.version, version));
		if (!known || !wasExcluded.has(op.id)) throw new Error(`${op.id} is not the server's to keep`);
		remove(local, op.id);
		synced.delete(op.id);
	}
}
