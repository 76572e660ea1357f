import { join } from 'node:path';
import {
	type BlockRef,
	type Change,
	type CommitRequest,
	type Epoch,
	type NamespaceId,
	type NodeId,
	type Rev,
	rootOf,
} from '@mydropbox/protocol';
import { type StateOperation, sameNode, type TreeNode } from '@mydropbox/sync-engine';
import { DirtySet } from './dirty-nodes.ts';
import type { ApplyingNode, GuardedDelete, LocalNode, RemoteNode, SentNode } from './nodes.ts';
import type { Contents, LocalTable, Nodes, OpenTables, Rules, SyncedNodes, Table, Tables } from './tables.ts';

export interface Cursor {
	readonly epoch: Epoch | null;
	readonly rev: Rev;
}

/** The three trees of a namespace and what belongs to them. All calls are synchronous. */
export class Store {
	readonly root: NodeId;
	readonly remote: Table<RemoteNode>;
	readonly local: LocalTable;
	readonly synced: SyncedNodes;
	readonly sent: Nodes<SentNode>;
	readonly applying: Nodes<ApplyingNode>;
	readonly deletes: Nodes<GuardedDelete>;
	readonly contents: Contents;
	readonly rules: Rules;
	/** Every node that is not at rest is in here; one that is may be, too. */
	readonly dirty = new DirtySet();
	/** Called with the number of durable transactions there have been, after each. */
	onChange: (changes: number) => void = () => undefined;
	readonly #tables: Tables;
	#changes: number;

	constructor(open: OpenTables, namespace: NamespaceId) {
		this.root = rootOf(namespace);
		this.#tables = open(this.dirty);
		const { remote, local, synced, sent, applying, deletes, contents, rules } = this.#tables;
		this.remote = remote;
		this.local = local;
		this.synced = synced;
		this.sent = sent;
		this.applying = applying;
		this.deletes = deletes;
		this.contents = contents;
		this.rules = rules;
		this.#changes = Number(this.meta('changes') ?? 0);
		this.#requireNamespace(namespace);
		this.findDirty();
	}

	/** What is not alike in all three trees; to be called when something is no longer excluded. */
	findDirty(): void {
		for (const id of this.#tables.differing()) this.dirty.add(id);
	}

	close(): void {
		this.#tables.close();
	}

	/** Durable transactions since the database was made. */
	get changes(): number {
		return this.#changes;
	}

	/** All of it or nothing; durable, with all that was observed before. */
	transaction<T>(work: () => T): T {
		const changes = this.#changes + 1;
		const result = this.#tables.transaction(() => {
			this.setMeta('changes', String(changes));
			return work();
		}, 'at-once');
		this.#changes = changes;
		this.onChange(changes);
		return result;
	}

	/**
	 * All of it or nothing; not durable by itself, and therefore cheap. For what can be had again from the disk, the server
	 * or the notes: never for what somebody else sees, a request to the server or a change of the disk, relies on.
	 */
	observe<T>(work: () => T): T {
		return this.#tables.transaction(work, 'later');
	}

	/** Whether nothing is to be done about it: it is alike in all three trees, or excluded and in *remote* alone. */
	isAtRest(id: NodeId, isExcluded: boolean): boolean {
		const synced = this.synced.get(id);
		if (isExcluded) return !synced && !this.local.get(id);
		return sameNode(this.remote.get(id), synced) && sameNode(this.local.get(id), synced);
	}

	/** Takes out of `dirty` what is at rest. */
	forgetClean(isExcluded: (id: NodeId) => boolean): void {
		for (const id of this.dirty) if (this.isAtRest(id, isExcluded(id))) this.dirty.delete(id);
	}

	applyChange(change: Change): void {
		if (change.kind === 'deleted') {
			this.remote.delete(change.id);
			return;
		}
		const { id, parent, name, rev, ...version } = change;
		this.remote.set({ id, parent, name, rev, version });
	}

	applyState(operation: StateOperation): void {
		switch (operation.type) {
			case 'agree':
				this.synced.set(this.remote.get(operation.id)!);
				break;
			case 'forget':
			case 'revive':
				this.synced.delete(operation.id);
				break;
			case 'adopt': {
				const node = this.local.get(operation.local)!;
				const children = this.local.children(operation.local);
				this.local.delete(operation.local);
				this.local.set({ ...node, id: operation.remote });
				for (const child of children) {
					this.local.set({ ...child, parent: operation.remote });
					// It was not this device's user who has brought it elsewhere.
					const base = this.synced.get(child.id);
					if (base?.parent === operation.local) this.synced.set({ ...base, parent: operation.remote });
				}
				const rules = this.rules.get(operation.local);
				if (rules) this.rules.set(operation.remote, rules);
				this.rules.delete(operation.local);
			}
		}
	}

	/**
	 * Both sides have this version or this place of a node by now. What was sent, and not seen since, knew the one before,
	 * and must not bring it back.
	 */
	agree({ id, parent, name, version }: TreeNode, aspect: 'version' | 'place'): void {
		const news = aspect === 'version' ? { version } : { parent, name };
		const base = this.synced.get(id);
		if (base) this.synced.set({ ...base, ...news });
		else if (aspect === 'version') this.synced.set({ id, parent, name, version });
		const told = this.sent.get(id);
		if (told) this.sent.set({ ...told, ...news });
	}

	/**
	 * What was sent and has become part of the remote tree was agreed on, even when one side, or both, has moved on since:
	 * otherwise a change that follows at once would look like a conflict with our own.
	 * @param head what the remote tree is as new as.
	 * @param deleted nodes that the server has deleted since.
	 */
	settleSent(head: Rev, deleted: ReadonlySet<NodeId>): void {
		for (const id of this.sent.ids()) {
			const { rev, ...node } = this.sent.get(id)!;
			const isKnown = rev !== null && rev <= head;
			if (isKnown) this.synced.set(node);
			if (isKnown || deleted.has(id)) this.sent.delete(id);
		}
	}

	/** No longer kept in step: what was known of it here is no evidence of anything, least of all of a delete. */
	letGo(id: NodeId): void {
		this.local.delete(id);
		this.applying.delete(id);
		this.disown(id);
	}

	/**
	 * The folder on the disk is another one than before, or knows more than we do: nothing that we knew is evidence of
	 * what is missing in it.
	 * @param changes how far the database had come, as far as the folder knows.
	 */
	beginFolder(identity: string, changes: number): void {
		this.#changes = Math.max(this.#changes, changes);
		this.transaction(() => {
			this.local.clear();
			this.rules.clear();
			this.#forgetAgreed();
			this.setMeta('root', identity);
		});
	}

	/** What the server said before no longer counts, and what was agreed is no evidence of any delete. */
	resetRemote(): void {
		this.remote.clear();
		this.#forgetAgreed();
	}

	#forgetAgreed(): void {
		this.synced.clear();
		this.sent.clear();
		this.applying.clear();
		this.deletes.clear();
		this.closeCommit();
	}

	/** Until it is closed, nobody knows whether the server took it. There is one at a time. */
	openCommit(request: CommitRequest): void {
		this.setMeta('commit', JSON.stringify(request));
	}

	closeCommit(): void {
		this.setMeta('commit', '');
	}

	unansweredCommit(): CommitRequest | undefined {
		const text = this.meta('commit');
		return text ? JSON.parse(text) : undefined;
	}

	/**
	 * Whether the disk may have lost what it once showed us, in a power cut for example: as long as that may be so,
	 * nothing that is missing was deleted by a person.
	 */
	get doubt(): boolean {
		return this.meta('doubt') === 'yes';
	}

	set doubt(doubt: boolean) {
		if (doubt !== this.doubt) this.setMeta('doubt', doubt ? 'yes' : 'no');
	}

	/** The file may not hold what we read there, whatever its times say: it has to be read again. */
	forgetContent(id: NodeId): void {
		const node = this.local.get(id);
		if (node?.version.kind === 'file') this.local.set({ ...node, version: { ...node.version, content: null } });
	}

	/** Forgets that the node was ever agreed on: if the server has it, it comes from there. */
	disown(id: NodeId): void {
		this.synced.delete(id);
		this.sent.delete(id);
	}

	cursor(): Cursor {
		return { epoch: this.meta('epoch') as Epoch | null, rev: Number(this.meta('cursor') ?? 0) as Rev };
	}

	setCursor({ epoch, rev }: { epoch: Epoch; rev: Rev }): void {
		this.setMeta('epoch', epoch);
		this.setMeta('cursor', String(rev));
	}

	meta(key: string): string | null {
		return this.#tables.meta(key);
	}

	setMeta(key: string, value: string): void {
		this.#tables.setMeta(key, value);
	}

	/** A local file that should hold the block, and where in it. */
	findBlock(block: BlockRef): { node: LocalNode; start: number } | undefined {
		return this.#tables.findBlock(block);
	}

	/** Path on this disk, from the folder down; undefined for what is not in the local tree. */
	diskPath(id: NodeId): string | undefined {
		const names: string[] = [];
		for (let at = id; at !== this.root; ) {
			const node = this.local.get(at);
			if (!node) return undefined;
			names.unshift(node.disk.name);
			at = node.parent;
		}
		return join(...(names.length > 0 ? names : ['.']));
	}

	#requireNamespace(namespace: NamespaceId): void {
		const known = this.meta('namespace');
		if (known && known !== namespace) {
			throw new Error('This state belongs to another account. Log out and log in again with a new --home or folder.');
		}
		if (!known) this.setMeta('namespace', namespace);
	}
}
