import type { NodeId } from '@mydropbox/protocol';
import type { DiskNames } from '../names/disk-names.ts';
import type { Store } from '../state/store.ts';

/** What to look at next: collected between rounds, taken at the beginning of one. */
export class Hints {
	readonly #paths = new Set<string>();
	readonly #folders = new Set<NodeId>();
	#everything = false;
	/** The server has something new. */
	#news = false;

	path(path: string): void {
		this.#paths.add(path);
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

	takeFolders(store: Store, names: DiskNames): { folders: Set<NodeId>; below: boolean } {
		const folders = this.#everything ? new Set([store.root]) : new Set(this.#folders);
		if (!this.#everything) for (const path of this.#paths) folders.add(nearest(store, names, path));
		const below = this.#everything;
		this.#paths.clear();
		this.#folders.clear();
		this.#everything = false;
		return { folders, below };
	}
}

/** The folder at a path of the disk, or the last one above it that the local tree has. */
function nearest(store: Store, names: DiskNames, path: string): NodeId {
	let at = store.root;
	for (const name of path.split(/[/\\]/).filter((part) => part !== '')) {
		const next = store.local.child(at, names.nameOf(name));
		if (next?.version.kind !== 'folder') return at;
		at = next.id;
	}
	return at;
}
