import type { NodeId } from '@mydropbox/protocol';
import type { TreeReader } from '@mydropbox/sync-engine';
import type { HeldDeletes } from '../daemon/engine.ts';
import type { GuardedDelete } from '../state/nodes.ts';

/**
 * What a person is asked about deletes that are held back.
 * @param held files and links.
 * @param tree in which they still are, with all that they are in.
 */
export function questionAbout(held: readonly GuardedDelete[], root: NodeId, tree: TreeReader): HeldDeletes | null {
	if (held.length === 0) return null;
	const folders = new Map<NodeId, readonly string[]>([[root, []]]);
	const folderOf = (id: NodeId): readonly string[] => {
		const known = folders.get(id);
		if (known) return known;
		const node = tree.get(id);
		const path = node ? [...folderOf(node.parent), node.name] : [];
		folders.set(id, path);
		return path;
	};
	let example: string | undefined;
	let common = folderOf(held[0]!.parent);
	let since = Number.POSITIVE_INFINITY;
	for (const { parent, name, at } of held) {
		const folder = folderOf(parent);
		const path = [...folder, name].join('/');
		if (example === undefined || path < example) example = path;
		common = commonStart(common, folder);
		since = Math.min(since, at);
	}
	return { files: held.length, folder: common.join('/'), example: example!, since: new Date(since).toISOString() };
}

function commonStart(a: readonly string[], b: readonly string[]): readonly string[] {
	const differs = a.findIndex((name, index) => name !== b[index]);
	return differs < 0 ? a : a.slice(0, differs);
}
