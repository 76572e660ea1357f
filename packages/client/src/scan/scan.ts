import { join } from 'node:path';
import type { Name, NodeId } from '@mydropbox/protocol';
import { samePlace } from '@mydropbox/sync-engine';
import type { DiskEntry } from '../fs/entry.ts';
import { RULE_FILE } from '../ignore/patterns.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inSlices } from '../transfer/flow.ts';
import { bySpelling } from './by-spelling.ts';
import { isAsKnown, nodeOf, updatedNode } from './entry-node.ts';
import { Findings } from './findings.ts';
import { type ListedFolder, Listings } from './listings.ts';
import type { Missing } from './missing.ts';
import { PRIVATE_FOLDER } from './private-folder.ts';
import type { ScannerOptions, ScanProblem, ScanResult } from './result.ts';
import { ScanRules } from './rules.ts';
import { type Fault, sortEntries, unreachable } from './syncable.ts';

/** Something on the disk that is not what the local tree has at its place. */
interface Newcomer {
	readonly parent: NodeId;
	readonly entry: DiskEntry;
	/** The node that the tree has there, when it is of the same kind. */
	readonly instead: LocalNode | undefined;
}

/** One look at the disk: collects what differs, then changes the local tree at once. */
export class Scan {
	readonly #options: ScannerOptions;
	readonly #missing: Missing;
	readonly #listings: Listings;
	readonly #findings: Findings;
	readonly #rules: ScanRules;
	readonly #below: boolean;
	/** Folders of which everything below is looked at anyway. */
	readonly #whole: Set<NodeId>;
	#rulesPending = false;
	/** Identities that turned up where the tree does not have them. */
	readonly #turnedUp = new Set<string>();
	#folderNewcomers: Newcomer[] = [];
	readonly #fileNewcomers: Newcomer[] = [];
	/** Those in fresh folders: where very many files are new, nearly all of them. */
	#freshNewcomers: Newcomer[] = [];
	/** Folders that are new, at places at which the tree has nothing, and below them. */
	readonly #fresh = new Set<NodeId>();
	readonly #problems = new Map<NodeId, ScanProblem[]>();
	/** Folders that were read: twice would make two nodes of each new thing. */
	readonly #read = new Set<NodeId>();
	readonly #unlisted = new Set<NodeId>();

	/** @param unseen folders of which no look could tell yet what is in them, and below. */
	constructor(options: ScannerOptions, missing: Missing, below: boolean, unseen: Iterable<NodeId>) {
		this.#options = options;
		this.#missing = missing;
		this.#listings = new Listings(options, (id) => this.#path(id));
		this.#findings = new Findings(options, missing);
		this.#rules = new ScanRules(options, (id) => this.#findings.node(id));
		this.#below = below;
		this.#whole = new Set(unseen);
	}

	async run(start: readonly NodeId[]): Promise<ScanResult> {
		for (let folders = [...start]; folders.length > 0; ) {
			const next: NodeId[] = [];
			for await (const listed of this.#listings.of(folders)) {
				const faults = await this.#readRules(listed);
				for (const each of listed) for (const folder of this.#compare(each, faults.get(each.id))) next.push(folder);
				if (this.#freshNewcomers.length >= this.#options.pace.step) await this.#takeUpFresh();
			}
			for (const id of folders) if (!this.#read.has(id)) this.#unlisted.add(id);
			const placed = await this.#place(this.#folderNewcomers);
			this.#folderNewcomers = [];
			folders = [...next, ...placed].filter((id) => !this.#read.has(id));
		}
		await this.#place([...this.#fileNewcomers, ...this.#freshNewcomers]);
		const { changed } = this.#rules;
		const newcomers = await this.#findings.apply(this.#rules);
		const { ignored, again } = this.#findings;
		return {
			...{ problems: this.#problems, ignored, again },
			...{ listed: this.#read, unlisted: this.#unlisted, newcomers },
			rulesPending: this.#rulesPending,
			everythingAgain: changed || (this.#rulesPending && this.#below),
		};
	}

	#readRules(listed: readonly ListedFolder[]): ReturnType<ScanRules['read']> {
		const folders = listed.flatMap(({ id, listing }) => {
			if (listing.error !== undefined) return [];
			const entry = listing.entries.find(({ name }) => name === RULE_FILE);
			return [{ id, path: this.#path(id), entry }];
		});
		return this.#rules.read(folders);
	}

	/** @returns subfolders to look at next. */
	#compare({ id: folder, listing, nodes }: ListedFolder, rules: Fault | 'unfinished' | undefined): NodeId[] {
		if (rules === 'unfinished') {
			this.#rulesPending = true;
			this.#findings.again.push(folder);
			return [];
		}
		this.#problems.set(folder, []);
		if (listing.error !== undefined) {
			this.#cannotRead(folder, listing.error);
			return [];
		}
		if (!this.#isStill(folder, listing.identity)) {
			this.#findings.again.push(this.#parentOf(folder));
			return [];
		}
		this.#read.add(folder);
		const { root } = this.#options.store;
		if (rules) this.#report(folder, RULE_FILE, ...rules);
		const own = listing.entries.filter(({ name }) => folder !== root || name !== PRIVATE_FOLDER);
		const known = bySpelling(nodes, own, this.#options.names);
		const wire = ({ name }: DiskEntry) => this.#nameOf(name, known.get(name)?.[0]);
		const ruled = (entry: DiskEntry) => this.#nameForRules(entry, known.get(entry.name)) ?? wire(entry);
		const entries = own.filter((entry) => !this.#rules.ignores(folder, ruled(entry), entry.kind === 'folder'));
		this.#findings.ignored.set(folder, own.length - entries.length);
		const { syncable, faulty, names } = sortEntries(entries, wire, (name) => strangeness(name, known.get(name)?.[0]));
		for (const { name, code } of listing.unreachable) {
			this.#report(folder, name, ...unreachable(code));
			known.delete(name);
		}
		const next: NodeId[] = [];
		for (const { entry, fault } of faulty) {
			this.#report(folder, entry.name, ...fault);
			// Something is there, so nobody has deleted what we know by this name; and what is in a folder is looked at as ever.
			const itself = known.get(entry.name)?.find(({ disk }) => disk.identity === entry.identity);
			if (itself?.version.kind === 'folder') next.push(...this.#into(itself.id, folder));
			known.delete(entry.name);
		}
		for (const entry of syncable) {
			const namesakes = known.get(entry.name) ?? [];
			known.delete(entry.name);
			const node = this.#whoIs(entry, namesakes);
			for (const other of namesakes) if (other !== node) this.#vanish(other, true);
			next.push(...this.#compareEntry(folder, entry, node));
		}
		for (const node of [...known.values()].flat()) this.#vanish(node, names.has(node.name));
		return next;
	}

	/**
	 * Something came to the name of what was missing: there are two of that name until this look. The missing one may have
	 * left its very file to the other, when somebody gave that one its name.
	 */
	#whoIs({ identity }: DiskEntry, nodes: readonly LocalNode[]): LocalNode | undefined {
		if (nodes.length < 2) return nodes[0];
		const likely = [...nodes].sort((a, b) => Number(this.#missing.has(a.id)) - Number(this.#missing.has(b.id)));
		return likely.find(({ disk }) => disk.identity === identity) ?? likely[0];
	}

	/** What is known keeps its name as long as it keeps its spelling. */
	#nameOf(spelling: string, node: LocalNode | undefined): Name {
		return node?.disk.name === spelling ? node.name : this.#options.names.nameOf(spelling);
	}

	/**
	 * What has only got another spelling, on a disk that takes both for one, is judged by the old one until the server has the
	 * new one: it would be gone under the one and nobody's under the other, and be deleted elsewhere.
	 */
	#nameForRules({ identity }: DiskEntry, nodes: readonly LocalNode[] = []): Name | undefined {
		const { store, names } = this.#options;
		const node = nodes.find(({ disk }) => disk.identity === identity);
		// Of what is at rest, the server has the same name; to ask for each file would take as long as all else.
		if (!node || !store.dirty.has(node.id)) return node?.name;
		const there = store.remote.get(node.id);
		const isSpelling = there?.parent === node.parent && names.key(there.name) === names.key(node.name);
		return isSpelling ? there.name : node.name;
	}

	#cannotRead(folder: NodeId, error: string): void {
		if (error === 'ENOENT' || error === 'ENOTDIR') {
			this.#findings.again.push(this.#parentOf(folder));
			return;
		}
		for (const { id } of this.#options.store.local.children(folder)) this.#missing.drop(id);
		const why = error === 'EACCES' ? 'permission denied' : error;
		this.#report(
			folder,
			'',
			`The folder cannot be read (${why}).`,
			'What is in it stays as it is on the server. Make it readable for your user; it is looked at again by itself.',
		);
	}

	/** Another folder may have come to this path meanwhile; what is in that one says nothing about this one. */
	#isStill(folder: NodeId, identity: string): boolean {
		const { store } = this.#options;
		if (folder === store.root) return (store.meta('root') ?? identity) === identity;
		return this.#findings.node(folder)?.disk.identity === identity;
	}

	#compareEntry(parent: NodeId, entry: DiskEntry, node: LocalNode | undefined): NodeId[] {
		if (node?.version.kind !== entry.kind) {
			if (node) this.#vanish(node, true);
			this.#arrives({ parent, entry, instead: undefined });
			return [];
		}
		if (node.disk.identity !== entry.identity) {
			if (entry.kind === 'folder' && deviceOf(node.disk.identity) !== entry.device) {
				this.#findings.present.add(node.id);
				this.#report(
					parent,
					entry.name,
					'Another disk is mounted here than before, or none.',
					'Nothing in it is synced or deleted until the disk is back.',
				);
			} else this.#arrives({ parent, entry, instead: node });
			return [];
		}
		this.#findings.present.add(node.id);
		if (!isAsKnown(node, entry, this.#options.now())) {
			this.#findings.changed.set(node.id, this.#updated(node, parent, entry));
		}
		return entry.kind === 'folder' ? this.#into(node.id, parent) : [];
	}

	/** @returns the folder, when everything below its parent is looked at. */
	#into(folder: NodeId, parent: NodeId): NodeId[] {
		if (!this.#below && !this.#whole.has(parent)) return [];
		this.#whole.add(folder);
		return [folder];
	}

	#updated(node: LocalNode, parent: NodeId, entry: DiskEntry): LocalNode {
		return updatedNode(node, { parent, name: this.#nameOf(entry.name, node) }, entry, this.#options.now());
	}

	#vanish(node: LocalNode, isReplaced: boolean): void {
		const isLeft = this.#rules.ignores(node.parent, node.name, node.version.kind === 'folder');
		this.#findings.vanish(node, isReplaced, isLeft);
	}

	#arrives(newcomer: Newcomer): void {
		const { parent, entry } = newcomer;
		if (entry.kind === 'folder') this.#folderNewcomers.push(newcomer);
		else if (this.#fresh.has(parent)) this.#freshNewcomers.push(newcomer);
		else this.#fileNewcomers.push(newcomer);
	}

	/** What nothing known has become is taken up before the look is over: very many newcomers would need very much memory. */
	async #takeUpFresh(): Promise<void> {
		const { store, pace } = this.#options;
		const fresh = this.#freshNewcomers;
		this.#freshNewcomers = [];
		for (const slice of inSlices(fresh, pace.step)) {
			const isNew = ({ entry }: Newcomer) => store.local.byIdentity(entry.identity).length === 0;
			const { true: newcomers = [], false: others = [] } = Object.groupBy(slice, (each) => `${isNew(each)}`);
			this.#fileNewcomers.push(...others);
			this.#findings.takeUp(newcomers.map((newcomer) => this.#newNode(newcomer)));
			await pace.breathe();
		}
	}

	#newNode({ parent, entry }: Newcomer): LocalNode {
		return nodeOf(this.#options.newId(), { parent, name: this.#nameOf(entry.name, undefined) }, entry);
	}

	/**
	 * Decides who the newcomers are: first those at a place that the tree knows, so that nothing that was moved away
	 * from there takes its node along and leaves the newcomer without one. @returns folders, to look at next.
	 */
	async #place(newcomers: readonly Newcomer[]): Promise<NodeId[]> {
		for (const { entry } of newcomers) this.#turnedUp.add(entry.identity);
		const ordered = [...newcomers.filter(({ instead }) => instead), ...newcomers.filter(({ instead }) => !instead)];
		const folders: NodeId[] = [];
		const { pace } = this.#options;
		for (const [index, slice] of inSlices(ordered, pace.step).entries()) {
			if (index > 0) await pace.breathe();
			const origins = await this.#origins(slice);
			for (const [at, newcomer] of slice.entries()) {
				const id = this.#settle(newcomer, origins[at]);
				if (newcomer.entry.kind === 'folder') folders.push(id);
			}
		}
		return folders;
	}

	/**
	 * A newcomer that is known from elsewhere, and not there any more, has moved here. A file that was replaced keeps its
	 * node, the way editors save, unless both the old and the new one were moved, or the old one by us; a folder is always
	 * itself.
	 */
	#settle(newcomer: Newcomer, origin: LocalNode | undefined): NodeId {
		const { parent, entry, instead } = newcomer;
		const moved = origin && !this.#findings.changed.has(origin.id) ? origin : undefined;
		const old = instead && !this.#findings.changed.has(instead.id) ? instead : undefined;
		const steppedAside = old !== undefined && this.#turnedUp.has(old.disk.identity);
		const isOther = moved !== undefined || (old !== undefined && this.#wasOnItsWay(old));
		const gaveWay = entry.kind === 'folder' ? moved !== undefined || steppedAside : isOther && steppedAside;
		if (old && !gaveWay) {
			this.#findings.turnUp(this.#updated(old, parent, entry));
			return old.id;
		}
		if (old) this.#vanish(old, true);
		const node = moved ? this.#updated(moved, parent, entry) : this.#newNode(newcomer);
		if (!moved) {
			if (entry.kind === 'folder' && this.#isFree(node)) this.#fresh.add(node.id);
			this.#findings.created.add(node.id);
		}
		this.#findings.turnUp(node);
		return node.id;
	}

	#isFree({ parent, name }: LocalNode): boolean {
		const isNew = this.#findings.created.has(parent);
		return isNew ? this.#fresh.has(parent) : !this.#options.store.local.child(parent, name);
	}

	/** We were moving it when the daemon died: what is at its place now is no new version of it. */
	#wasOnItsWay(node: LocalNode): boolean {
		return !samePlace(this.#options.store.applying.get(node.id) ?? node, node);
	}

	/** Per newcomer the node that it was elsewhere. Something still at its old place has only got a second hard link. */
	async #origins(newcomers: readonly Newcomer[]): Promise<(LocalNode | undefined)[]> {
		const { store, disk } = this.#options;
		const candidates = newcomers.map(({ entry }) =>
			store.local
				.byIdentity(entry.identity)
				.find((node) => node.version.kind === entry.kind && !this.#findings.present.has(node.id)),
		);
		const paths = candidates.map((node) => (node ? this.#path(node.id) : ''));
		const stats = paths.some((path) => path !== '') ? await disk.run('statPaths', paths) : [];
		return candidates.map((node, index) => (node && stats[index]?.identity !== node.disk.identity ? node : undefined));
	}

	#report(folder: NodeId, name: string, reason: string, nextStep: string): void {
		const path = join(this.#relative(folder), name);
		this.#problems.get(folder)!.push({ path, reason, nextStep });
	}

	#parentOf(folder: NodeId): NodeId {
		return this.#findings.node(folder)?.parent ?? this.#options.store.root;
	}

	#path(id: NodeId): string {
		return join(this.#options.folder, this.#relative(id));
	}

	#relative(id: NodeId): string {
		const { store } = this.#options;
		const names: string[] = [];
		for (let at = id; at !== store.root; ) {
			const node = this.#findings.node(at)!;
			names.unshift(node.disk.name);
			at = node.parent;
		}
		return names.join('/');
	}
}

/** 0: known, 1: known in another spelling until now, 2: new. */
const strangeness = (spelling: string, node: LocalNode | undefined): number =>
	node === undefined ? 2 : Number(node.disk.name !== spelling);

const deviceOf = (identity: string): string => identity.slice(0, identity.indexOf(':'));
