import type { NodeId } from '@mydropbox/protocol';
import type { LocalNode } from '../state/nodes.ts';

/**
 * A new folder with nothing in it but what is ignored is ignored, too, as git does it. So a folder that was deleted
 * elsewhere, and that an ignored file keeps here, does not come back everywhere.
 *
 * @param created new nodes, parents first.
 * @param changed what a look has found: hollow folders are taken out of it.
 * @param ignored per folder how many things in it are ignored: hollow folders are added to it.
 * @param isNeeded whether there is something else in it, or the server has this very folder, so that it is not new after all.
 */
export function leaveHollow(
	created: ReadonlySet<NodeId>,
	changed: Map<NodeId, LocalNode>,
	ignored: Map<NodeId, number>,
	isNeeded: (folder: LocalNode) => boolean,
): void {
	const ids = [...created];
	if (!ids.some((id) => ignored.get(id))) return;
	const inside = new Map<NodeId, number>();
	for (const { parent } of changed.values()) inside.set(parent, (inside.get(parent) ?? 0) + 1);
	for (const id of ids.toReversed()) {
		const node = changed.get(id)!;
		if (!ignored.get(id) || inside.get(id) || isNeeded(node)) continue;
		changed.delete(id);
		inside.set(node.parent, inside.get(node.parent)! - 1);
		ignored.delete(id);
		ignored.set(node.parent, (ignored.get(node.parent) ?? 0) + 1);
	}
}
