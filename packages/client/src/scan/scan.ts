import { join } from 'node:path';
import { type NodeId, nameFault } from '@mydropbox/protocol';
import type { DiskEntry } from '../fs/entry.ts';
import type { Listing } from '../fs/jobs/list.ts';
import type { LocalNode } from '../state/nodes.ts';
import { nodeOf, updatedNode, wireName } from './entry-node.ts';
import { PRIVATE_FOLDER, type ScannerOptions, type ScanProblem, type ScanResult } from './scanner.ts';

/** Something on the disk that is not what the local tree has at its place. */
interface Newcomer {
	readonly parent: NodeId;
	readonly entry: DiskEntry;
	/** The node that the tree has there, when it is of the same kind. */
	readonly instead: LocalNode | undefined;
}

/** Folders listed by one job: enough to keep a thread busy, few enough to share the work. */
const FOLDERS_PER_JOB = 64;

/** One look at the disk: collects what differs, then changes the local tree at once. */
export class Scan {
	readonly #options: ScannerOptions;
	readonly #below: boolean;
	/** Nodes as the disk shows them now, where that differs from the tree. */
	readonly #changed = new Map<NodeId, LocalNode>();
	/** Nodes that are not at their place any more; the ones that turn up elsewhere are taken out again. */
	readonly #vanished = new Map<NodeId, LocalNode>();
	/** Nodes found at their place. */
	readonly #present = new Set<NodeId>();
	/** Identities that turned up where the tree does not have them. */
	readonly #turnedUp = new Set<string>();
	readonly #fileNewcomers: Newcomer[] = [];
	readonly #problems = new Map<NodeId, ScanProblem[]>();
	readonly #again: NodeId[] = [];

	constructor(options: ScannerOptions, below: boolean) {
		this.#options = options;
		this.#below = below;
	}

	async run(start: readonly NodeId[]): Promise<ScanResult> {
		for (let folders = [...start]; folders.length > 0; ) {
			const listings = await this.#list(folders);
			const newcomers: Newcomer[] = [];
			const next = folders.flatMap((id, index) => this.#compare(id, listings[index]!, newcomers));
			for (const { entry } of newcomers) this.#turnedUp.add(entry.identity);
			this.#fileNewcomers.push(...newcomers.filter(({ entry }) => entry.kind !== 'folder'));
			next.push(...(await this.#place(newcomers.filter(({ entry }) => entry.kind === 'folder'))));
			folders = next;
		}
		await this.#place(this.#fileNewcomers);
		this.#apply();
		return { problems: this.#problems, again: this.#again };
	}

	async #list(folders: readonly NodeId[]): Promise<Listing[]> {
		const paths = folders.map((id) => this.#path(id));
		const jobs: Promise<Listing[]>[] = [];
		for (let i = 0; i < paths.length; i += FOLDERS_PER_JOB) {
			jobs.push(this.#options.disk.run('listFolders', paths.slice(i, i + FOLDERS_PER_JOB)));
		}
		return (await Promise.all(jobs)).flat();
	}

	/** @returns subfolders to look at next. */
	#compare(folder: NodeId, listing: Listing, newcomers: Newcomer[]): NodeId[] {
		this.#problems.set(folder, []);
		if (listing.error !== undefined) {
			if (listing.error === 'ENOENT' || listing.error === 'ENOTDIR') this.#again.push(this.#parentOf(folder));
			else
				this.#report(
					folder,
					'',
					`The folder cannot be read (${listing.error}).`,
					'Its content stays as it is on the server; make it readable for you.',
				);
			return [];
		}
		if (!this.#isStill(folder, listing.identity)) {
			this.#again.push(this.#parentOf(folder));
			return [];
		}
		for (const name of listing.invalid) {
			this.#report(folder, name, 'The name is not valid UTF-8.', 'It stays on this device only; rename it to sync it.');
		}
		const known = new Map(this.#options.store.local.children(folder).map((node) => [node.disk.name, node]));
		const next: NodeId[] = [];
		for (const entry of this.#syncable(folder, listing.entries)) {
			const node = known.get(entry.name);
			known.delete(entry.name);
			next.push(...this.#compareEntry(folder, entry, node, newcomers));
		}
		for (const node of known.values()) this.#vanish(node);
		return next;
	}

	/** Another folder may have come to this path meanwhile; what is in that one says nothing about this one. */
	#isStill(folder: NodeId, identity: string): boolean {
		const node = this.#changed.get(folder) ?? this.#options.store.local.get(folder);
		return folder === this.#options.store.root || node?.disk.identity === identity;
	}

	#compareEntry(parent: NodeId, entry: DiskEntry, node: LocalNode | undefined, newcomers: Newcomer[]): NodeId[] {
		if (node?.version.kind !== entry.kind) {
			if (node) this.#vanish(node);
			newcomers.push({ parent, entry, instead: undefined });
			return [];
		}
		if (node.disk.identity !== entry.identity) {
			if (entry.kind === 'folder' && deviceOf(node.disk.identity) !== entry.device) {
				this.#present.add(node.id);
				this.#report(
					parent,
					entry.name,
					'Another disk is mounted here than before, or none.',
					'Nothing in it is synced or deleted until the disk is back.',
				);
			} else newcomers.push({ parent, entry, instead: node });
			return [];
		}
		this.#present.add(node.id);
		if (entry.kind === 'folder') return this.#below ? [node.id] : [];
		if (node.disk.stamp !== entry.stamp || node.disk.racy) this.#changed.set(node.id, updatedNode(node, parent, entry));
		return [];
	}

	#vanish(node: LocalNode): void {
		if (!this.#changed.has(node.id)) this.#vanished.set(node.id, node);
	}

	/** Decides who the newcomers are. @returns folders among them, to look at next. */
	async #place(newcomers: readonly Newcomer[]): Promise<NodeId[]> {
		const origins = await this.#origins(newcomers);
		const folders: NodeId[] = [];
		newcomers.forEach((newcomer, index) => {
			const id = this.#settle(newcomer, origins[index]);
			if (newcomer.entry.kind === 'folder') folders.push(id);
		});
		return folders;
	}

	/**
	 * A newcomer that is known from elsewhere, and not there any more, has moved here. A file that was replaced keeps its
	 * node, the way editors save, unless the old file was moved on itself.
	 */
	#settle({ parent, entry, instead }: Newcomer, origin: LocalNode | undefined): NodeId {
		const moved = origin && !this.#changed.has(origin.id) ? origin : undefined;
		const steppedAside = instead && (entry.kind === 'folder' || this.#turnedUp.has(instead.disk.identity));
		if (instead && !(moved && steppedAside)) {
			this.#present.add(instead.id);
			this.#vanished.delete(instead.id);
			this.#changed.set(instead.id, updatedNode(instead, parent, entry));
			return instead.id;
		}
		if (instead) this.#vanish(instead);
		if (!moved) {
			const node = nodeOf(this.#options.newId(), parent, entry);
			this.#changed.set(node.id, node);
			return node.id;
		}
		this.#vanished.delete(moved.id);
		this.#changed.set(moved.id, updatedNode(moved, parent, entry));
		return moved.id;
	}

	/** Per newcomer the node that it was elsewhere. Something still at its old place has only got a second hard link. */
	async #origins(newcomers: readonly Newcomer[]): Promise<(LocalNode | undefined)[]> {
		const { store, disk } = this.#options;
		const candidates = newcomers.map(({ entry }) =>
			store
				.localByIdentity(entry.identity)
				.find((node) => node.version.kind === entry.kind && !this.#present.has(node.id)),
		);
		const paths = candidates.map((node) => (node ? this.#path(node.id) : ''));
		const stats = paths.some((path) => path !== '') ? await disk.run('statPaths', paths) : [];
		return candidates.map((node, index) => (node && stats[index]?.identity !== node.disk.identity ? node : undefined));
	}

	/** What MyDropbox can sync at all; everything else is reported. */
	*#syncable(folder: NodeId, entries: readonly DiskEntry[]): Generator<DiskEntry> {
		const names = new Set<string>();
		for (const entry of entries) {
			if (folder === this.#options.store.root && entry.name === PRIVATE_FOLDER) continue;
			const name = wireName(entry);
			const fault = nameFault(name);
			if (entry.kind === 'other') {
				this.#report(folder, entry.name, 'It is a socket, a pipe or a device.', 'Such things stay on this device.');
			} else if (fault) {
				this.#report(folder, entry.name, `Its name ${fault}.`, 'It stays on this device only; rename it to sync it.');
			} else if (names.has(name)) {
				this.#report(
					folder,
					entry.name,
					'Another name here is the same but for its Unicode form.',
					'It stays on this device only; rename one of the two to sync both.',
				);
			} else {
				names.add(name);
				yield entry;
			}
		}
	}

	#report(folder: NodeId, name: string, reason: string, nextStep: string): void {
		const path = join(this.#relative(folder), name);
		this.#problems.get(folder)!.push({ path, reason, nextStep });
	}

	#parentOf(folder: NodeId): NodeId {
		return (this.#changed.get(folder) ?? this.#options.store.local.get(folder))?.parent ?? this.#options.store.root;
	}

	#path(id: NodeId): string {
		return join(this.#options.folder, this.#relative(id));
	}

	#relative(id: NodeId): string {
		const { store } = this.#options;
		const names: string[] = [];
		for (let at = id; at !== store.root; ) {
			const node = this.#changed.get(at) ?? store.local.get(at)!;
			names.unshift(node.disk.name);
			at = node.parent;
		}
		return names.join('/');
	}

	#apply(): void {
		const { store } = this.#options;
		if (this.#changed.size === 0 && this.#vanished.size === 0) return;
		store.transaction(() => {
			for (const node of this.#vanished.values()) this.#remove(node.id);
			for (const node of this.#changed.values()) store.local.set(node);
		});
	}

	/** With everything below it that has not turned up elsewhere. */
	#remove(id: NodeId): void {
		const { store } = this.#options;
		for (const child of store.local.children(id)) if (!this.#changed.has(child.id)) this.#remove(child.id);
		store.local.delete(id);
	}
}

const deviceOf = (identity: string): string => identity.slice(0, identity.indexOf(':'));
