import type { NodeId } from '@mydropbox/protocol';
import { RULE_FILE } from '../ignore/patterns.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inSlices } from '../transfer/flow.ts';
import { leaveHollow } from './hollow.ts';
import type { Missing } from './missing.ts';
import type { ScannerOptions } from './result.ts';
import type { ScanRules } from './rules.ts';

/** What one look finds that is not as the local tree has it, until the tree is made so. */
export class Findings {
	readonly #options: ScannerOptions;
	readonly #missing: Missing;
	readonly #startedAt: number;
	/** Nodes as the disk shows them now, where that differs from the tree. */
	readonly changed = new Map<NodeId, LocalNode>();
	/** Nodes that are not at their place any more; the ones that turn up elsewhere are taken out again. */
	readonly #vanished = new Map<NodeId, LocalNode>();
	/** Those of them whose name something else has now. */
	readonly #replaced = new Set<NodeId>();
	/** Those of them that are ignored now: nobody deleted them. */
	readonly #left = new Set<NodeId>();
	/** Nodes that this look has made, parents first; not those that were taken up before its end… */
	readonly created = new Set<NodeId>();
	/** …which are these, each with its size in bytes… */
	readonly #takenUp = new Map<NodeId, number>();
	/** …in these new folders, which are in the tree as well. */
	readonly #filled = new Set<NodeId>();
	/** Per folder, how many things in it are ignored. */
	readonly ignored = new Map<NodeId, number>();
	/** Nodes found at their place. */
	readonly present = new Set<NodeId>();
	/** Folders that changed under our eyes. */
	readonly again: NodeId[] = [];

	constructor(options: ScannerOptions, missing: Missing) {
		this.#options = options;
		this.#missing = missing;
		this.#startedAt = options.now();
	}

	/** As this look shows it. */
	node(id: NodeId): LocalNode | undefined {
		return this.changed.get(id) ?? this.#options.store.local.get(id);
	}

	/** @param isLeft it is ignored now. */
	vanish(node: LocalNode, isReplaced: boolean, isLeft: boolean): void {
		if (this.changed.has(node.id)) return;
		this.#vanished.set(node.id, node);
		if (isLeft) this.#left.add(node.id);
		if (isReplaced) this.#replaced.add(node.id);
	}

	/** It is there, at this place. */
	turnUp(node: LocalNode): void {
		this.#vanished.delete(node.id);
		this.changed.set(node.id, node);
	}

	/** New files are in the tree now, with the new folders that they are in, as if they had been found a moment earlier. */
	takeUp(files: readonly LocalNode[]): void {
		const { store } = this.#options;
		store.observe(() => {
			for (const file of files) {
				this.#fill(file.parent);
				this.#follows(file);
			}
		});
	}

	#fill(folder: NodeId): void {
		if (!this.created.has(folder) || this.#filled.has(folder)) return;
		const node = this.changed.get(folder)!;
		this.#fill(node.parent);
		this.#options.store.local.set(node);
		this.#filled.add(folder);
	}

	/** One of very many. */
	#follows(node: LocalNode): void {
		this.#options.store.local.set(node);
		this.#takenUp.set(node.id, node.version.kind === 'file' ? node.version.size : 0);
	}

	/**
	 * Changes the tree at once; of very many new files, the first ones: the others follow step by step, as if they had been
	 * found a moment later. @returns very many new files, each with its size in bytes.
	 */
	async apply(rules: ScanRules): Promise<ReadonlyMap<NodeId, number>> {
		const { store, pace } = this.#options;
		const isNeeded = (folder: LocalNode) => this.#filled.has(folder.id) || this.#isOnServer(folder);
		leaveHollow(this.created, this.changed, this.ignored, isNeeded);
		for (const id of [...this.present, ...this.changed.keys()]) this.#missing.drop(id);
		const isGone = (id: NodeId) =>
			this.#left.has(id) || this.#replaced.has(id) || this.#missing.isGone(id, this.#startedAt);
		const gone = new Set([...this.#vanished.keys()].filter(isGone));
		this.#keepStranded(gone);
		const { changed: rulesChanged, wasRead } = rules;
		if (this.changed.size === 0 && gone.size === 0 && !wasRead) return this.#takenUp;
		const canWait = new Set([...this.created].slice(pace.step));
		const later: LocalNode[] = [];
		store.observe(() => {
			rules.save();
			if (rulesChanged) store.findDirty();
			for (const id of gone) {
				// What the folder's rules said is in force until a look finds that they are gone.
				const { name, parent } = this.#vanished.get(id)!;
				if (name === RULE_FILE) this.again.push(parent);
				this.#remove(id, this.#left.has(id));
			}
			for (const node of this.changed.values()) {
				if (!this.#hasPlace(node)) continue;
				if (canWait.has(node.id) && node.version.kind !== 'folder') later.push(node);
				else store.local.set(node);
			}
		});
		for (const nodes of inSlices(later, pace.step)) {
			await pace.breathe();
			store.observe(() => {
				for (const node of nodes) this.#follows(node);
			});
		}
		return this.#takenUp;
	}

	/**
	 * What turned up in another folder, that was gone a moment later, stays where it was, and so do the folders above it,
	 * even if they are gone: where it is now, the next look tells.
	 */
	#keepStranded(gone: Set<NodeId>): void {
		const { local, root } = this.#options.store;
		if (gone.size === 0) return;
		for (const node of this.changed.values()) {
			let at = local.get(node.id)?.parent;
			if (at === undefined || at === node.parent || this.#hasPlace(node, gone)) continue;
			for (; at !== undefined && at !== root; at = local.get(at)?.parent) {
				if (gone.delete(at)) this.again.push(local.get(at)!.parent);
			}
		}
	}

	/** Not what was found in a folder that was gone a moment later. */
	#hasPlace({ parent }: LocalNode, gone?: ReadonlySet<NodeId>): boolean {
		const { root } = this.#options.store;
		if (parent === root) return true;
		const folder = this.node(parent);
		return folder !== undefined && !gone?.has(parent) && this.#hasPlace(folder, gone);
	}

	#isOnServer({ parent, name }: LocalNode): boolean {
		const { store, isExcluded } = this.#options;
		const there = store.remote.child(parent, name);
		return there?.version.kind === 'folder' && !isExcluded(there.id);
	}

	/** With everything below it that has not turned up elsewhere. */
	#remove(id: NodeId, isLeft: boolean): void {
		const { store } = this.#options;
		for (const child of store.local.children(id)) {
			const now = this.changed.get(child.id);
			if (now && now.parent !== id) continue;
			this.changed.delete(child.id);
			this.#remove(child.id, isLeft);
		}
		if (isLeft) store.letGo(id);
		else store.local.delete(id);
		if (store.doubt) store.disown(id);
		this.#missing.drop(id);
	}
}
