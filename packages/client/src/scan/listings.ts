import { join } from 'node:path';
import type { NodeId } from '@mydropbox/protocol';
import type { DiskEntry } from '../fs/entry.ts';
import type { Listing } from '../fs/jobs/list.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inSlices } from '../transfer/flow.ts';
import type { ScannerOptions } from './result.ts';

/** Folders listed by one job: enough to keep a thread busy, few enough to share the work. */
const FOLDERS_PER_JOB = 64;
const JOBS_AHEAD = 4;

export interface ListedFolder {
	readonly id: NodeId;
	/** With what is there although the disk has not listed it. */
	readonly listing: Listing;
	/** What the tree has in it; nothing where it could not be listed. */
	readonly nodes: readonly LocalNode[];
}

/** Folders as the disk shows them. */
export class Listings {
	readonly #options: ScannerOptions;
	readonly #pathOf: (folder: NodeId) => string;

	/** @param pathOf absolute. */
	constructor(options: ScannerOptions, pathOf: (folder: NodeId) => string) {
		this.#options = options;
		this.#pathOf = pathOf;
	}

	/** In this order. A few jobs are ahead of whoever compares: all at once, the entries would need much memory. */
	async *of(folders: readonly NodeId[]): AsyncGenerator<ListedFolder[]> {
		const { disk, store } = this.#options;
		const slices = inSlices(folders, FOLDERS_PER_JOB);
		const begin = (slice: readonly NodeId[]) => {
			const job = disk.run('listFolders', slice.map(this.#pathOf));
			job.catch(() => undefined);
			return job;
		};
		const ahead = slices.slice(0, JOBS_AHEAD).map(begin);
		for (const [index, slice] of slices.entries()) {
			const listings = await ahead.shift()!;
			const later = slices[index + JOBS_AHEAD];
			if (later) ahead.push(begin(later));
			const listed = slice.map((id, at): ListedFolder => {
				const listing = listings[at]!;
				return { id, listing, nodes: listing.error === undefined ? store.local.children(id) : [] };
			});
			yield await this.#complete(listed);
		}
	}

	/**
	 * While names in a folder change, a listing may miss one that stays, and not only once. What is known, and not listed,
	 * is looked for by its name.
	 */
	async #complete(listed: ListedFolder[]): Promise<ListedFolder[]> {
		const missed = listed.flatMap((folder) => missedIn(folder).map((node) => ({ folder, node })));
		if (missed.length === 0) return listed;
		const paths = missed.map(({ folder, node }) => join(this.#pathOf(folder.id), node.disk.name));
		const stats = await this.#options.disk.run('statPaths', paths);
		const found = missed.flatMap(({ folder, node }, at) => {
			const entry = stats[at];
			return entry?.identity === node.disk.identity ? [{ folder, entry }] : [];
		});
		const more = Map.groupBy(found, ({ folder }) => folder);
		return listed.map((folder) => this.#with(more.get(folder) ?? [], folder));
	}

	/** Where a disk finds a thing by several spellings, the one that it lists is its name. */
	#with(found: readonly { readonly entry: DiskEntry }[], folder: ListedFolder): ListedFolder {
		const { listing } = folder;
		if (found.length === 0 || listing.error !== undefined) return folder;
		const { areExact } = this.#options.names;
		const listed = new Set(areExact ? [] : listing.entries.map(({ identity }) => identity));
		const more = found.map(({ entry }) => entry).filter(({ identity }) => !listed.has(identity));
		return { ...folder, listing: { ...listing, entries: [...listing.entries, ...more] } };
	}
}

function missedIn({ listing, nodes }: ListedFolder): LocalNode[] {
	if (listing.error !== undefined || nodes.length === 0) return [];
	const names = new Set(listing.entries.map(({ name }) => name));
	return nodes.filter(({ disk }) => !names.has(disk.name));
}
