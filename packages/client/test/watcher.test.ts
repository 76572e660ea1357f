import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chokidarWatcher } from '../src/watch/chokidar-watcher.ts';
import { folderWatcher } from '../src/watch/folder-watcher.ts';
import type { Watcher } from '../src/watch/watcher.ts';
import { TestFolder } from './support/folder.ts';

const watchers = { chokidar: chokidarWatcher, 'one watch for each folder': folderWatcher };

describe.each(Object.entries(watchers))('%s', (_name, newWatcher) => {
	let at: TestFolder;
	let watcher: Watcher;
	let hints: Set<string>;
	/** Paths of which something was said by name. */
	let named: Set<string>;
	let troubles: Error[];
	let heard: () => void;

	const path = (...names: string[]) => join(at.dir, ...names);

	/** Resolves when there have been hints for all of these since the last call. */
	async function hintsFor(...folders: string[]): Promise<void> {
		while (!folders.every((folder) => hints.has(folder))) {
			await new Promise<void>((resolve) => {
				heard = resolve;
			});
		}
		hints.clear();
	}

	beforeEach(async () => {
		at = new TestFolder();
		hints = new Set();
		named = new Set();
		troubles = [];
		heard = () => undefined;
		mkdirSync(path('old', 'deep'), { recursive: true });
		mkdirSync(path('.own'));
		const onHint = (folder: string, name?: string) => {
			hints.add(folder);
			if (name !== undefined) named.add(join(folder, name));
			heard();
		};
		const onTrouble = (error: Error) => troubles.push(error);
		watcher = newWatcher({ folder: at.dir, except: path('.own'), onHint, onTrouble });
		await watcher.start();
		hints.clear();
	});

	afterEach(async () => {
		await watcher.close();
		expect(troubles).toEqual([]);
		at.remove();
	});

	test('files that come, change and go', async () => {
		writeFileSync(path('old', 'deep', 'file'), 'one');
		await hintsFor('old/deep');
		writeFileSync(path('old', 'deep', 'file'), 'another');
		await hintsFor('old/deep');
		rmSync(path('old', 'deep', 'file'));
		await hintsFor('old/deep');
		writeFileSync(path('file'), '');
		await hintsFor('');
	});

	test('a tree that came as a whole, and what happens in it later', async () => {
		mkdirSync(path('new', 'a', 'b'), { recursive: true });
		await hintsFor('', 'new', 'new/a');
		for (let i = 0; !hints.has('new/a/b'); i++) {
			// Until the watch is there; whatever was made before is looked at when it is.
			writeFileSync(path('new', 'a', 'b', `file ${i}`), '');
			await new Promise((resolve) => setImmediate(resolve));
		}
	});

	test('a folder that was moved is watched under its new name', async () => {
		renameSync(path('old'), path('moved'));
		await hintsFor('');
		while (!hints.has('moved/deep')) {
			writeFileSync(path('moved', 'deep', 'file'), String(Math.random()));
			await new Promise((resolve) => setImmediate(resolve));
		}
	});

	// Where there is one watch for each folder, chokidar 6.0.0 does not hear of it; elsewhere there is one for all.
	const hearsOfThat = newWatcher === folderWatcher ? test : () => undefined;
	hearsOfThat('a folder that was deleted and made again', async () => {
		rmSync(path('old'), { recursive: true });
		mkdirSync(path('old'));
		await hintsFor('');
		while (!hints.has('old')) {
			writeFileSync(path('old', 'file'), String(Math.random()));
			await new Promise((resolve) => setImmediate(resolve));
		}
	});

	const tellsNames = newWatcher === folderWatcher ? test : () => undefined;
	tellsNames('under which name it happened, but not of what became of the folder itself', async () => {
		writeFileSync(path('old', 'file'), '');
		await hintsFor('old');
		chmodSync(path('old'), 0o700);
		await hintsFor('old');
		writeFileSync(path('old', 'deep', 'deep'), '');
		await hintsFor('old/deep');
		expect([...named].toSorted()).toEqual(['old', 'old/file']);
	});

	test('what is excepted says nothing', async () => {
		writeFileSync(path('.own', 'file'), '');
		mkdirSync(path('.own', 'folder'));
		writeFileSync(path('old', 'file'), '');
		await hintsFor('old');
		expect([...hints]).toEqual([]);
	});
});

test('a synced folder that was put back is watched again', async () => {
	const at = new TestFolder();
	const folder = join(at.dir, 'synced');
	mkdirSync(folder);
	let hinted = Promise.withResolvers<string>();
	const watcher = folderWatcher({
		folder,
		except: join(folder, '.own'),
		onHint: (path) => hinted.resolve(path),
		onTrouble: (error) => hinted.reject(error),
	});
	await watcher.start();
	renameSync(folder, join(at.dir, 'away'));
	await hinted.promise;
	hinted = Promise.withResolvers();
	mkdirSync(folder);
	expect(await hinted.promise).toBe('');
	hinted = Promise.withResolvers();
	mkdirSync(join(folder, 'below'));
	expect(['', 'below']).toContain(await hinted.promise);
	await watcher.close();
	at.remove();
});
