import type { NodeId } from '@mydropbox/protocol';
import { RuleView } from '../ignore/rule-view.ts';
import type { Store } from '../state/store.ts';

/** Which nodes of the server are deliberately not on this device. */
export class Exclusions {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/**
	 * As things stand now; asking is cheap, since it remembers the folders. With a folder, all that the server has in it
	 * is excluded. By a rule, only what is not here: what is here in a folder that is kept follows the server to its
	 * ignored place, and the scanner leaves it there.
	 */
	now(): (id: NodeId) => boolean {
		const { root, remote, local, rules } = this.#store;
		if (rules.isEmpty) return () => false;
		const view = new RuleView({
			root,
			placeOf: (id) => remote.get(id),
			rulesOf: (folder) => rules.get(folder)?.text,
		});
		const folders = new Map<NodeId, boolean>([[root, false]]);
		const isExcluded = (id: NodeId): boolean => {
			const known = folders.get(id);
			if (known !== undefined) return known;
			const node = remote.get(id);
			if (!node) return false;
			const isFolder = node.version.kind === 'folder';
			const verdict = isExcluded(node.parent) || (!local.get(id) && view.ignores(node.parent, node.name, isFolder));
			if (isFolder) folders.set(id, verdict);
			return verdict;
		};
		return isExcluded;
	}
}
