import type { NodeId } from '@mydropbox/protocol';
import type { Plan } from './plan.ts';
import type { TreeNode, Trees, Version } from './tree.ts';

/** Nodes in which the three trees may differ. */
export interface DirtyNodes extends Iterable<NodeId> {
	readonly size: number;
	has(id: NodeId): boolean;
	/** Those that were put in, or put in again, since this was last called: whatever was known of them may be wrong. */
	takeTouched(): Iterable<NodeId>;
}

/**
 * What the next plan is about, when very much is not at rest: a plan costs time and memory for each node that it looks at,
 * and there is one every few hundred files. Only *newcomers* can wait, nodes that a single tree has and no other knows: what
 * was deleted, moved or edited is planned as a whole. With each node come the newcomers that it is in, and the one that is at
 * its place on the other side, so that no plan takes what is only left out for something that stays.
 */
export class Window {
	readonly #trees: Trees;
	readonly #size: number;
	readonly #isUrgent: (newcomer: TreeNode) => boolean;
	/** In the order in which they came. */
	readonly #deferred = new Map<NodeId, number>();
	/** All other dirty nodes, and some that are not dirty any more; undefined: everything fits, and nobody keeps account. */
	#near: Set<NodeId> | undefined;
	/** Newcomers by their own account: nobody has to look. */
	#expected = new Map<NodeId, number>();

	/**
	 * @param size newcomers in one plan.
	 * @param isUrgent newcomers that never wait.
	 */
	constructor(trees: Trees, size: number, isUrgent: (newcomer: TreeNode) => boolean) {
		this.#trees = trees;
		this.#size = size;
		this.#isUrgent = isUrgent;
	}

	/** @param newcomers touched since the last plan, and known to be no urgent ones, each with its size in bytes. */
	expect(newcomers: ReadonlyMap<NodeId, number>): void {
		for (const [id, size] of newcomers) this.#expected.set(id, size);
	}

	/**
	 * @param blocked nodes that a plan leaves as they are; they take nobody's place.
	 * @returns what the next plan is about.
	 */
	choose(dirty: DirtyNodes, blocked: ReadonlySet<NodeId>): Iterable<NodeId> {
		const touched = dirty.takeTouched();
		if (dirty.size <= this.#size) return this.everything(dirty);
		const near = this.#near ?? new Set();
		for (const id of this.#near ? touched : dirty) {
			this.#deferred.delete(id);
			const size = this.#expected.get(id);
			if (size === undefined) near.add(id);
			else this.#deferred.set(id, size);
		}
		this.#near = near;
		this.#expected.clear();
		this.#fill(near, dirty, blocked);
		this.#close(near);
		return near;
	}

	/** For when a plan starves. */
	everything(dirty: DirtyNodes): Iterable<NodeId> {
		this.#deferred.clear();
		this.#expected.clear();
		this.#near = undefined;
		return dirty;
	}

	/** Whether most of what a plan was about has to wait for something, while others need not wait with it. */
	starves({ state, reads, remote, local }: Plan): boolean {
		if (this.#deferred.size === 0 || state.length > 0) return false;
		const operations = [reads, ...remote, ...local].reduce((sum, list) => sum + list.length, 0);
		return operations < this.#size / 2;
	}

	/** Newcomers that wait, each with its size in bytes. */
	get deferred(): ReadonlyMap<NodeId, number> {
		return this.#deferred;
	}

	#fill(near: Set<NodeId>, dirty: DirtyNodes, blocked: ReadonlySet<NodeId>): void {
		let newcomers = 0;
		for (const id of near) {
			if (!dirty.has(id)) near.delete(id);
			else {
				const newcomer = blocked.has(id) ? undefined : this.#newcomer(id);
				if (!newcomer || this.#isUrgent(newcomer) || newcomers++ < this.#size) continue;
				near.delete(id);
				this.#deferred.set(id, sizeOf(newcomer.version));
			}
		}
		for (const id of this.#deferred.keys()) {
			if (newcomers >= this.#size) return;
			this.#deferred.delete(id);
			near.add(id);
			newcomers++;
		}
	}

	#newcomer(id: NodeId): TreeNode | undefined {
		const { local, remote, synced } = this.#trees;
		const here = local.get(id);
		const there = remote.get(id);
		return (here && there) || synced.get(id) ? undefined : (here ?? there);
	}

	/** Goes on with what it adds. */
	#close(near: Set<NodeId>): void {
		if (this.#deferred.size === 0) return;
		const { local, remote } = this.#trees;
		const add = (id: NodeId | undefined) => {
			if (id !== undefined && this.#deferred.delete(id)) near.add(id);
		};
		for (const id of near) {
			for (const [tree, other] of [
				[local, remote],
				[remote, local],
			] as const) {
				const node = tree.get(id);
				if (!node) continue;
				add(node.parent);
				add(other.child(node.parent, node.name)?.id);
			}
		}
	}
}

const sizeOf = (version: Version): number => (version.kind === 'file' ? version.size : 0);
