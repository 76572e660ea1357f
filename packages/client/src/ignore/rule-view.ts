import type { Name, NodeId } from '@mydropbox/protocol';
import { originalName, type Place } from '@mydropbox/sync-engine';
import { Patterns, patternsOf, RULE_FILE } from './patterns.ts';

interface FolderRules {
	/** '' for the root, else with a slash at its end. */
	readonly path: string;
	readonly lines: readonly string[];
	/** undefined: no rules apply here. */
	readonly patterns: Patterns | undefined;
}

export interface RuleViewOptions {
	readonly root: NodeId;
	readonly placeOf: (folder: NodeId) => Place | undefined;
	/** The text of a folder's rule file, where it has one. */
	readonly rulesOf: (folder: NodeId) => string | undefined;
}

/**
 * What the rules say about one tree. For one look or one plan: it remembers the folders it was asked about. Conflicted
 * copies go by the name that they are copies of: of what is kept in step, everybody is to see them.
 */
export class RuleView {
	readonly #options: RuleViewOptions;
	readonly #folders = new Map<NodeId, FolderRules>();

	constructor(options: RuleViewOptions) {
		this.#options = options;
	}

	/** Whether something in a folder is ignored. Rule files never are: every device goes by the same ones. */
	ignores(folder: NodeId, name: Name, isFolder: boolean): boolean {
		const original = originalName(name);
		if (original === RULE_FILE) return false;
		const { path, patterns } = this.#rules(folder);
		return patterns?.ignores(path + original + (isFolder ? '/' : '')) ?? false;
	}

	#rules(folder: NodeId): FolderRules {
		const known = this.#folders.get(folder);
		if (known) return known;
		const above = this.#above(folder);
		const text = this.#options.rulesOf(folder);
		const lines = text === undefined ? above.lines : [...above.lines, ...patternsOf(text, above.path)];
		const rules = { path: above.path, lines, patterns: text === undefined ? above.patterns : new Patterns(lines) };
		this.#folders.set(folder, rules);
		return rules;
	}

	/** What holds in the folder before its own rules, under its own path. */
	#above(folder: NodeId): FolderRules {
		const { root, placeOf } = this.#options;
		const place = folder === root ? undefined : placeOf(folder);
		if (!place) return { path: '', lines: [], patterns: undefined };
		const parent = this.#rules(place.parent);
		return { ...parent, path: `${parent.path}${originalName(place.name)}/` };
	}
}
