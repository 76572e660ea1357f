import type { NodeId } from '@mydropbox/protocol';
import { changedFolders } from './known-names.ts';
import { Missing } from './missing.ts';
import type { ScannerOptions, ScanResult } from './result.ts';
import { Scan } from './scan.ts';

/**
 * Brings the local tree up to date with what the disk shows. The tree changes in one transaction at the end, and only
 * on evidence: a node is gone when its folder was read twice without error and did not have it, some time apart, and
 * nothing with its identity turned up elsewhere; or at once when something else has its name.
 */
export class Scanner {
	readonly #options: ScannerOptions;
	readonly #missing: Missing;
	#hasSeenAll = false;
	/** Folders whose last look did not get to see what is in them… */
	#unlisted: ReadonlySet<NodeId> = new Set();
	/** …and those below them that were listed all the same, with all that is below. */
	#listedBelow: ReadonlySet<NodeId> = new Set();

	constructor(options: ScannerOptions) {
		this.#options = options;
		this.#missing = new Missing(options.now);
	}

	/**
	 * @param folders ids of folders; one that is not in the local tree any more is passed over.
	 * @param below whether to look at everything below them, too. What is new, or could not be seen until now, is always
	 * looked at whole.
	 */
	async scan(folders: Iterable<NodeId>, below: boolean): Promise<ScanResult> {
		const { store } = this.#options;
		const start = [...folders].filter((id) => id === store.root || store.local.get(id)?.version.kind === 'folder');
		const unseen = start.filter((id) => this.isUnseen(id));
		const result = await new Scan(this.#options, this.#missing, below, unseen).run(start);
		this.#hasSeenAll ||= below && !result.rulesPending;
		this.#note(result);
		return result;
	}

	#note({ listed, unlisted }: ScanResult): void {
		const { local, root } = this.#options.store;
		const isThere = (id: NodeId) => id === root || local.get(id) !== undefined;
		const newlySeen = [...listed].filter((id) => this.isUnseen(id));
		this.#listedBelow = new Set([...this.#listedBelow, ...newlySeen].filter((id) => isThere(id) && !unlisted.has(id)));
		this.#unlisted = new Set([...this.#unlisted, ...unlisted].filter((id) => isThere(id) && !listed.has(id)));
		if (this.#unlisted.size === 0) this.#listedBelow = new Set();
	}

	/** @param names by folder. @returns the folders in which one of them is not what the local tree has under it. */
	changedIn(names: ReadonlyMap<NodeId, ReadonlySet<string>>): Promise<ReadonlySet<NodeId>> {
		return changedFolders(names, this.#options);
	}

	/** Whether no look could tell yet what is in this folder, since it or one above it could not be listed. */
	isUnseen(folder: NodeId): boolean {
		if (this.#unlisted.size === 0) return false;
		for (let at: NodeId | undefined = folder; at !== undefined; at = this.#options.store.local.get(at)?.parent) {
			if (this.#unlisted.has(at)) return true;
			if (this.#listedBelow.has(at)) return false;
		}
		return false;
	}

	/** Whether the last look could not tell of something that is known. */
	get isBlind(): boolean {
		return [...this.#unlisted].some((id) => this.#options.store.local.children(id).length > 0);
	}

	/** Whether a look at everything is over. */
	get hasSeenAll(): boolean {
		return this.#hasSeenAll;
	}

	/** Milliseconds until something missing has to be looked for again; undefined: nothing is missing. */
	get waits(): number | undefined {
		return this.#missing.waits;
	}

	/** Whether the last look did not find it, and nobody knows yet whether it is gone. */
	isMissing(id: NodeId): boolean {
		return this.#missing.has(id);
	}

	/** The same, or it could not look for it. */
	isInDoubt(id: NodeId): boolean {
		if (this.#missing.has(id)) return true;
		if (this.#unlisted.size === 0) return false;
		const node = this.#options.store.local.get(id);
		return node !== undefined && this.isUnseen(node.parent);
	}

	/** Folders that have to be looked at again now, because something in them was missing. */
	takeDue(): Set<NodeId> {
		const { local } = this.#options.store;
		const folders = new Set<NodeId>();
		for (const id of this.#missing.takeDue()) {
			const node = local.get(id);
			if (node) folders.add(node.parent);
			else this.#missing.drop(id);
		}
		return folders;
	}
}
