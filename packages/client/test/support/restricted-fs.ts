import * as fs from 'node:fs';
import { join } from 'node:path';
import { diskKey, nameRefusal } from '@mydropbox/testkit';
import { nodeFs } from '../../src/fs/node-fs.ts';
import type { Fs } from '../../src/fs/port.ts';
import type { DiskTraits } from '../../src/names/traits.ts';

const refuse = (code: string, path: string): never => {
	throw Object.assign(new Error(`${code}: ${path}`), { code });
};

/**
 * The real disk below a folder, as if it were one with these traits: names are found in any spelling that it takes for
 * the same, and kept as they were first spelled, but listed taken apart when it normalises, as HFS+ does. As on Linux,
 * renaming a thing to another spelling of its name does nothing.
 */
export function restrictedFs(root: string, traits: DiskTraits): Fs {
	const stored = (name: string) => (traits.normalising ? name.normalize('NFC') : name);
	const listed = (name: string) => (traits.normalising ? name.normalize('NFD') : name);

	const check = (name: string, path: string) => {
		const code = nameRefusal(stored(name), traits);
		if (code) refuse(code, path);
	};
	const real = (path: string): string => {
		if (!path.startsWith(`${root}/`)) return path;
		let at = root;
		for (const name of path.slice(root.length + 1).split('/')) {
			check(name, path);
			const entries = fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() ? fs.readdirSync(at) : [];
			at = join(at, entries.find((entry) => diskKey(entry, traits) === diskKey(name, traits)) ?? stored(name));
		}
		return at;
	};
	return {
		...nodeFs,
		stat: (path) => {
			const entry = nodeFs.stat(real(path));
			return entry && { ...entry, name: path.slice(path.lastIndexOf('/') + 1) };
		},
		list: (path) => {
			const { entries, unreachable } = nodeFs.list(real(path));
			return { entries: entries.map((entry) => ({ ...entry, name: listed(entry.name) })), unreachable };
		},
		openRead: (path) => nodeFs.openRead(real(path)),
		openWrite: (path) => nodeFs.openWrite(real(path)),
		openNew: (path) => nodeFs.openNew(real(path)),
		syncFolder: (path) => nodeFs.syncFolder(real(path)),
		syncAll: (path) => nodeFs.syncAll(real(path)),
		link: (from, to) => nodeFs.link(real(from), real(to)),
		rename: (from, to) => nodeFs.rename(real(from), real(to)),
		unlink: (path) => nodeFs.unlink(real(path)),
		makeFolder: (path) => nodeFs.makeFolder(real(path)),
		removeFolder: (path) => nodeFs.removeFolder(real(path)),
		symlink: (target, path) => nodeFs.symlink(target, real(path)),
		setMtime: (path, mtime) => nodeFs.setMtime(real(path), mtime),
		setMode: (path, mode) => nodeFs.setMode(real(path), mode),
	};
}
