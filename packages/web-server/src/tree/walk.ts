import type { NodeState } from '@mydropbox/protocol';
import { childPath } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';

/** Something below a folder. */
export interface Found {
	readonly path: string;
	/** The same from the folder down. */
	readonly below: string;
	readonly node: NodeState;
	/** Nothing is in it, or it is no folder. */
	readonly isEmpty: boolean;
}

/**
 * All that is below a folder, each folder as it is when it is come to; of folders, after what is in them.
 * @param only of what is right in the folder, those; all when left out.
 */
export async function* walk(
	files: Access,
	folder: string,
	signal: AbortSignal,
	only?: ReadonlySet<string>,
): AsyncGenerator<Found> {
	for await (const node of childrenOf(files, folder, signal)) {
		if (only && !only.has(node.id)) continue;
		const path = childPath(folder, node.name);
		let isEmpty = true;
		if (node.kind === 'folder') {
			for await (const found of walk(files, path, signal)) {
				isEmpty = false;
				yield { ...found, below: `${node.name}/${found.below}` };
			}
		}
		yield { path, below: node.name, node, isEmpty };
	}
}

async function* childrenOf(files: Access, path: string, signal: AbortSignal): AsyncGenerator<NodeState> {
	for (let offset = 0; ; ) {
		const page = await files.ask((api, namespace) => api.listing({ namespace, path, offset }, { signal }));
		yield* page.entries;
		offset += page.entries.length;
		if (page.entries.length === 0 || offset >= page.total) return;
	}
}
