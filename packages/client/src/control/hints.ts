import type { NodeId } from '@mydropbox/protocol';
import type { DiskNames } from '../names/disk-names.ts';
import type { Store } from '../state/store.ts';

/** What to look at. */
export interface Hinted {
	/** Whole. */
	readonly folders: Set<NodeId>;
	/** Of other folders, the names under which something happened. */
	readonly names: ReadonlyMap<NodeId, ReadonlySet<string>>;
	/** Everything below them, too. */
	readonly below: boolean;
}

/** What to look at next: collected between rounds, taken at the beginning of one. */
export class Hints {
	/** Names in folders, by the folder's path; null: it is not known under which names something happened. */
	readonly #paths = new Map<string, Set<string> | null>();
	readonly #folders = new Set<NodeId>();
	#everything = false;
	/** The server has something new. */
	#news = false;

	/** @param name undefined: any. */
	path(path: string, name?: string): void {
		const names = this.#paths.get(path);
		if (name === undefined) this.#paths.set(path, null);
		else if (names === undefined) this.#paths.set(path, new Set([name]));
		else names?.add(name);
	}

	folder(id: NodeId): void {
		this.#folders.add(id);
	}

	everything(): void {
		this.#everything = true;
	}

	news(): void {
		this.#news = true;
	}

	/** Something is going on in the folder. */
	get inFolder(): boolean {
		return this.#paths.size > 0 || this.#folders.size > 0;
	}

	get waiting(): boolean {
		return this.inFolder || this.#everything || this.#news;
	}

	takeNews(): boolean {
		const news = this.#news;
		this.#news = false;
		return news;
	}

	take(store: Store, diskNames: DiskNames): Hinted {
		const below = this.#everything;
		const folders = below ? new Set([store.root]) : new Set(this.#folders);
		const names = new Map<NodeId, ReadonlySet<string>>();
		for (const [path, inside] of below ? [] : this.#paths) {
			const { folder, isThere } = nearest(store, diskNames, path);
			if (inside && isThere) names.set(folder, inside);
			else folders.add(folder);
		}
		for (const folder of folders) names.delete(folder);
		this.#paths.clear();
		this.#folders.clear();
		this.#everything = false;
		return { folders, names, below };
	}
}

/** The folder at a path of the disk, or the last one above it that the local tree has. */
function nearest(store: Store, names: DiskNames, path: string): { folder: NodeId; isThere: boolean } {
	let folder = store.root;
	for (const name of path.split(/[/\\]/).filter((part) => part !== '')) {
		const next = store.local.child(folder, names.nameOf(name));
		if (next?.version.kind !== 'folder') return { folder, isThere: false };
		folder = next.id;
	}
	return { folder, isThere: true };
}
