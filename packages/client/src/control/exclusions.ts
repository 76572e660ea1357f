import type { ArrivingPart, Name, NodeId } from '@mydropbox/protocol';
import { type Place, samePlace, type TreeNode, type TreeReader } from '@mydropbox/sync-engine';
import type { Excluded } from '../daemon/engine.ts';
import type { Deselected, ExcludedFile } from '../daemon/excluded-file.ts';
import { UserError } from '../daemon/user-error.ts';
import { RuleView } from '../ignore/rule-view.ts';
import type { Store } from '../state/store.ts';

/**
 * Which nodes of the server are deliberately not on this device: what a person has excluded here, by id, so that it
 * stays excluded wherever it is moved; and what the rules name.
 */
export class Exclusions {
	readonly #store: Store;
	readonly #file: Pick<ExcludedFile, 'write'>;
	#deselected: ReadonlyMap<NodeId, Deselected>;
	/** Places to which nodes could not follow the server, because the disk has something else there. */
	readonly #taken = new Map<NodeId, Place>();

	/** @param deselected what the file says. */
	constructor(store: Store, deselected: readonly Deselected[], file: Pick<ExcludedFile, 'write'>) {
		this.#store = store;
		this.#file = file;
		this.#deselected = new Map(deselected.map((one) => [one.id, one]));
	}

	/**
	 * As things stand now; asking is cheap, since it remembers the folders. With a folder, all that the server has in it
	 * is excluded. By a rule, only what is not here: what is here in a folder that is kept follows the server to its
	 * ignored place, and the scanner leaves it there. Where something ignored has that place already, it cannot follow.
	 */
	now(): (id: NodeId) => boolean {
		const { root, remote } = this.#store;
		if (!this.any) return () => false;
		const deselected = this.#deselected;
		const view = this.#rules();
		const folders = new Map<NodeId, boolean>([[root, false]]);
		const isExcluded = (id: NodeId): boolean => {
			const known = folders.get(id);
			if (known !== undefined) return known;
			const node = remote.get(id);
			if (!node) return false;
			const isFolder = node.version.kind === 'folder';
			const isIgnored = () => !this.#staysOrFollows(node) && view.ignores(node.parent, node.name, isFolder);
			const verdict = deselected.has(id) || isExcluded(node.parent) || isIgnored();
			if (isFolder) folders.set(id, verdict);
			return verdict;
		};
		return isExcluded;
	}

	/** Whether a file that is not committed yet would be on this device. Nobody knows when what it is in is not known. */
	wouldTake({ node, parent, name }: Pick<ArrivingPart, 'node' | 'parent' | 'name'>): boolean {
		const { root, remote } = this.#store;
		const isExcluded = this.now();
		if (remote.get(node)) return !isExcluded(node);
		if (parent !== root && !remote.get(parent)) return false;
		return !isExcluded(parent) && !this.#rules().ignores(parent, name, false);
	}

	#rules(): RuleView {
		const { root, remote, rules } = this.#store;
		const rulesOf = (folder: NodeId) => rules.get(folder)?.text;
		return new RuleView({ root, placeOf: (id) => remote.get(id), rulesOf });
	}

	/** Whether the node is on this device, at the server's place for it or on its way there. */
	#staysOrFollows(node: TreeNode): boolean {
		const here = this.#store.local.get(node.id);
		const taken = this.#taken.get(node.id);
		return here !== undefined && (samePlace(here, node) || taken === undefined || !samePlace(taken, node));
	}

	get any(): boolean {
		return this.#deselected.size > 0 || !this.#store.rules.isEmpty;
	}

	/** How many things a person has excluded here. */
	get count(): number {
		return this.#deselected.size;
	}

	list(): Excluded[] {
		const { remote } = this.#store;
		return [...this.#deselected.values()]
			.map(({ id, path }) => ({ path: this.#pathOf(id) ?? path, isOnServer: remote.get(id) !== undefined }))
			.sort((a, b) => (a.path < b.path ? -1 : 1));
	}

	/**
	 * All of them or none.
	 * @param paths from the folder down, with slashes.
	 * @throws UserError
	 */
	exclude(paths: readonly string[]): void {
		const chosen = paths.map((path) => ({ id: this.#find(path), path }));
		this.#change((deselected) => {
			for (const { id, path } of chosen) deselected.set(id, { id, path: namesOf(path).join('/') });
		});
		for (const { id } of chosen) this.movedInto(id);
	}

	/** As `exclude`. What comes back is merged with what may still be here: nothing that is missing was deleted. */
	include(paths: readonly string[]): void {
		const ids = paths.map((path) => this.#findDeselected(path));
		this.#store.transaction(() => {
			for (const id of ids) for (const each of this.#withAllInIt(id)) this.#store.disown(each);
		});
		this.#change((deselected) => {
			for (const id of ids) deselected.delete(id);
		});
		for (const id of ids) this.movedInto(id);
	}

	/** Something that the local tree does not know has the place on the disk to which the node was to move. */
	placeTaken(id: NodeId, place: Place): void {
		for (const other of this.#taken.keys()) if (!this.#store.local.get(other)) this.#taken.delete(other);
		this.#taken.set(id, { parent: place.parent, name: place.name });
		this.movedInto(id);
	}

	/** To be called when something is somewhere else than before: what is in it may now be excluded, or no longer. */
	movedInto(id: NodeId): void {
		for (const each of this.#withAllInIt(id)) this.#store.dirty.add(each);
	}

	#change(change: (deselected: Map<NodeId, Deselected>) => void): void {
		const deselected = new Map(this.#deselected);
		change(deselected);
		this.#file.write([...deselected.values()]);
		this.#deselected = deselected;
	}

	*#withAllInIt(id: NodeId): Generator<NodeId> {
		yield id;
		for (const child of this.#store.remote.children(id)) yield* this.#withAllInIt(child.id);
	}

	#find(path: string): NodeId {
		const { root, remote, local } = this.#store;
		const names = namesOf(path);
		const id = nodeAt(remote, root, names);
		if (id === root) {
			throw new UserError('The folder itself cannot be excluded.', 'To sync nothing for a while: mydropbox pause');
		}
		if (id) return id;
		if (nodeAt(local, root, names)) {
			const nextStep = 'Wait until it is there (mydropbox status --wait), or name it in a .mydropboxignore.';
			throw new UserError(`${path} is not on the server yet, so it can be nowhere but here.`, nextStep);
		}
		throw new UserError(`There is no ${path} on the server.`, 'A path begins in the folder, for example photos/2019.');
	}

	/** By where it is now or, when the server has it no longer, by where it was. */
	#findDeselected(path: string): NodeId {
		const { root, remote } = this.#store;
		const names = namesOf(path);
		const there = nodeAt(remote, root, names);
		if (there && this.#deselected.has(there)) return there;
		const gone = [...this.#deselected.values()].find((one) => one.path === names.join('/') && !remote.get(one.id));
		if (gone) return gone.id;
		for (let at = there && remote.get(there)?.parent; at && at !== root; at = remote.get(at)?.parent) {
			if (!this.#deselected.has(at)) continue;
			const above = this.#pathOf(at);
			throw new UserError(`${path} is excluded with ${above}, as a whole.`, `Include that: mydropbox include ${above}`);
		}
		throw new UserError(`${path} is not excluded here.`, 'See what is: mydropbox exclude');
	}

	#pathOf(id: NodeId): string | undefined {
		const names: Name[] = [];
		for (let at = this.#store.remote.get(id); at; at = this.#store.remote.get(at.parent)) names.unshift(at.name);
		return names.length > 0 ? names.join('/') : undefined;
	}
}

const namesOf = (path: string): Name[] =>
	path
		.normalize('NFC')
		.split('/')
		.filter((name) => name !== '' && name !== '.') as Name[];

function nodeAt(tree: TreeReader, root: NodeId, names: readonly Name[]): NodeId | undefined {
	let at: NodeId | undefined = root;
	for (const name of names) at = at && tree.child(at, name)?.id;
	return at;
}
