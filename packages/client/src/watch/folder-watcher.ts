import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Watcher, WatcherOptions } from './watcher.ts';

/** For Linux: one inotify watch for each folder, and not a look at any file. */
export const folderWatcher = (options: WatcherOptions): Watcher => new FolderWatcher(options);

interface Watched {
	/** Relative to the synced folder, '' for itself. */
	readonly path: string;
	readonly absolute: string;
	/** Its own. */
	readonly name: string;
	readonly above: Watched | undefined;
	readonly below: Map<string, Watched>;
	handle: FSWatcher | undefined;
}

/** Not worth a word: the folder is gone, or the scanner reports it by its path. */
const UNREMARKABLE = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'];
/** How often to look for the synced folder itself when it is gone, or cannot be read. */
const ROOT_MS = 1000;

class FolderWatcher implements Watcher {
	readonly #options: WatcherOptions;
	readonly #except: string;
	#root: Watched | undefined;
	#isClosed = false;
	#rootTimer: NodeJS.Timeout | undefined;

	constructor(options: WatcherOptions) {
		this.#options = options;
		this.#except = relative(options.folder, options.except);
	}

	async start(): Promise<void> {
		this.#root = this.#open('', undefined);
		if (this.#root.handle) await this.#watchBelow(this.#root, () => undefined);
		else this.#awaitRoot();
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#rootTimer);
		if (this.#root) close(this.#root);
	}

	#open(path: string, above: Watched | undefined): Watched {
		const absolute = join(this.#options.folder, path);
		const watched: Watched = { path, absolute, name: basename(absolute), above, below: new Map(), handle: undefined };
		try {
			const handle = watch(absolute, (event, name) => this.#happened(watched, event, name));
			handle.on('error', (error) => this.#failed(error));
			watched.handle = handle;
		} catch (error) {
			this.#failed(error as Error);
		}
		return watched;
	}

	/** @param opened is told of each folder as soon as hints come from it; what happened there before may be unknown. */
	async #watchBelow(top: Watched, opened: (path: string) => void): Promise<void> {
		const toList = [top];
		for (let at = toList.pop(); at; at = toList.pop()) {
			const entries = await readdir(at.absolute, { withFileTypes: true }).catch(() => []);
			if (this.#isClosed) return;
			// It was closed while it was listed: whoever moved it has made another one.
			if (!at.handle) continue;
			for (const entry of entries) {
				const path = inside(at, entry.name);
				if (!entry.isDirectory() || at.below.has(entry.name) || path === this.#except) continue;
				const found = this.#open(path, at);
				if (!found.handle) continue;
				at.below.set(entry.name, found);
				opened(path);
				toList.push(found);
			}
		}
	}

	#happened(at: Watched, event: string, name: string | null): void {
		if (this.#isClosed || !at.handle) return;
		if (name !== null && inside(at, name) === this.#except) return;
		// inotify says under a folder's own name what has become of itself.
		const mayBeItself = name === at.name;
		this.#options.onHint(at.path, name === null || mayBeItself ? undefined : name);
		if (event !== 'rename' || name === null) return;
		this.#lookAt(at, name);
		if (mayBeItself) this.#mayBeAnother(at);
	}

	/** Something has come to the name, has left it, or both. */
	#lookAt(at: Watched, name: string): void {
		const known = at.below.get(name);
		if (known) close(known);
		at.below.delete(name);
		if (!isFolder(`${at.absolute}/${name}`)) return;
		const path = inside(at, name);
		const found = this.#open(path, at);
		if (!found.handle) return;
		at.below.set(name, found);
		this.#options.onHint(path);
		void this.#watchBelow(found, this.#options.onHint);
	}

	#mayBeAnother({ above, name }: Watched): void {
		if (above) {
			if (above.handle) this.#lookAt(above, name);
			return;
		}
		close(this.#root!);
		this.#awaitRoot();
	}

	#awaitRoot(): void {
		if (this.#isClosed) return;
		if (isFolder(this.#options.folder)) this.#root = this.#open('', undefined);
		if (this.#root?.handle) {
			this.#options.onHint('');
			void this.#watchBelow(this.#root, this.#options.onHint);
		} else this.#rootTimer = setTimeout(() => this.#awaitRoot(), ROOT_MS).unref();
	}

	#failed(error: Error): void {
		if (!UNREMARKABLE.includes((error as NodeJS.ErrnoException).code ?? '')) this.#options.onTrouble(error);
	}
}

const inside = ({ path }: Watched, name: string): string => (path === '' ? name : `${path}/${name}`);

function isFolder(path: string): boolean {
	try {
		return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
	} catch {
		return false;
	}
}

function close(watched: Watched): void {
	watched.handle?.close();
	watched.handle = undefined;
	for (const child of watched.below.values()) close(child);
	watched.below.clear();
}
