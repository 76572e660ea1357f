import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The daemon's own directory in a synced folder. */
const OWN_DIRECTORY = '.mydropbox';

/**
 * What a person would call the same: names, types, contents, exec bits, targets of symbolic links, empty folders, and
 * times of files to the microsecond.
 * @returns one line per difference, by path; at most a hundred, since nobody reads more.
 */
export async function compareTrees(left: string, right: string): Promise<string[]> {
	const differences: string[] = [];
	await compareFolders(left, right, '', differences);
	return differences.slice(0, 100);
}

async function compareFolders(left: string, right: string, path: string, differences: string[]): Promise<void> {
	const [leftNames, rightNames] = await Promise.all([namesIn(join(left, path)), namesIn(join(right, path))]);
	for (const name of new Set([...leftNames, ...rightNames])) {
		if (path === '' && name === OWN_DIRECTORY) continue;
		const at = join(path, name);
		if (!leftNames.has(name)) differences.push(`${at}: only on the right`);
		else if (!rightNames.has(name)) differences.push(`${at}: only on the left`);
		else await compareEntries(left, right, at, differences);
	}
}

const namesIn = async (folder: string): Promise<Set<string>> => new Set(await readdir(folder));

async function compareEntries(left: string, right: string, path: string, differences: string[]): Promise<void> {
	const [a, b] = await Promise.all([describe(join(left, path)), describe(join(right, path))]);
	for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
		if (a[key] !== b[key]) differences.push(`${path}: ${key} is ${a[key]} on the left, ${b[key]} on the right`);
	}
	if (a.type === 'folder' && b.type === 'folder') await compareFolders(left, right, path, differences);
}

async function describe(path: string): Promise<Record<string, string>> {
	const stat = await lstat(path, { bigint: true });
	if (stat.isDirectory()) return { type: 'folder' };
	if (stat.isSymbolicLink()) return { type: 'symlink', target: await readlink(path) };
	return {
		type: stat.isFile() ? 'file' : 'something else',
		size: String(stat.size),
		executable: String((stat.mode & 0o100n) !== 0n),
		mtime: `${stat.mtimeNs / 1000n} µs`,
		content: await digest(path),
	};
}

async function digest(path: string): Promise<string> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(path), hash);
	return hash.digest('hex').slice(0, 16);
}
