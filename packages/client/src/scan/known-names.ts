import type { NodeId } from '@mydropbox/protocol';
import { RULE_FILE } from '../ignore/patterns.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inSlices } from '../transfer/flow.ts';
import { isAsKnown } from './entry-node.ts';
import type { ScannerOptions } from './result.ts';

const NAMES_PER_JOB = 512;

/**
 * Tells the folders that have to be looked at whole from those in which everything of which somebody has said something is
 * as the local tree has it: most of all what we have just put there ourselves.
 */
export async function changedFolders(
	names: ReadonlyMap<NodeId, ReadonlySet<string>>,
	{ store, disk, folder: root, names: diskNames, now }: ScannerOptions,
): Promise<Set<NodeId>> {
	const changed = new Set<NodeId>();
	const known: { readonly node: LocalNode; readonly path: string }[] = [];
	for (const [folder, inside] of names) {
		const nodes = [...inside].flatMap((name) => {
			const node = name === RULE_FILE ? undefined : store.local.child(folder, diskNames.nameOf(name));
			return node?.disk.name === name ? [node] : [];
		});
		const above = nodes.length === inside.size ? store.diskPath(folder) : undefined;
		if (above === undefined) changed.add(folder);
		else for (const node of nodes) known.push({ node, path: `${root}/${above}/${node.disk.name}` });
	}
	const looks = inSlices(known, NAMES_PER_JOB).map(async (slice) => {
		const entries = await disk.run(
			'statPaths',
			slice.map(({ path }) => path),
		);
		for (const [index, { node }] of slice.entries()) {
			const entry = entries[index];
			if (!entry || !isAsKnown(node, entry, now())) changed.add(node.parent);
		}
	});
	await Promise.all(looks);
	return changed;
}
