import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Path → what a person would call the same: kind, content, exec bit, time of a file to the microsecond, target. */
export type Tree = Map<string, string>;

/** Everything in a synced folder, apart from the daemon's own directory. */
export async function treeOf(folder: string, below = ''): Promise<Tree> {
	const tree: Tree = new Map();
	for (const entry of (await readdir(join(folder, below), { withFileTypes: true })).sort(byName)) {
		const path = join(below, entry.name);
		if (path === '.mydropbox') continue;
		tree.set(path, await describe(join(folder, path)));
		if (entry.isDirectory()) for (const [name, what] of await treeOf(folder, path)) tree.set(name, what);
	}
	return tree;
}

/** One line for each path that is not as it should be. */
export function differences(expected: Tree, found: Tree): string[] {
	const paths = new Set([...expected.keys(), ...found.keys()]);
	return [...paths]
		.filter((path) => expected.get(path) !== found.get(path))
		.map((path) => `${path} is ${found.get(path)}, not ${expected.get(path)}`);
}

/** Of what `treeOf` says about a file: the part that names its content. */
export const contentIn = (description: string): string | undefined => /^file (\S+)/.exec(description)?.[1];

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

async function describe(path: string): Promise<string> {
	const stat = await lstat(path, { bigint: true });
	if (stat.isDirectory()) return 'folder';
	if (stat.isSymbolicLink()) return `link to ${await readlink(path)}`;
	const digest = createHash('sha256')
		.update(await readFile(path))
		.digest('hex')
		.slice(0, 16);
	return `file ${digest}, ${stat.size} bytes, ${(stat.mode & 0o100n) !== 0n ? 'executable' : 'plain'}, ${stat.mtimeNs / 1000n} µs`;
}
