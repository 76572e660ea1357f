import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Larger than what a daemon puts together in memory: it is staged, in a file of its own. */
const LARGE = 2_200_000;
const largeBytes = (seed: string): Buffer => createHash('shake256', { outputLength: LARGE }).update(seed).digest();

/** Two files that change names: each is for a moment at neither. */
export const EXCHANGED = ['one', 'two'];
/** Is edited on the other device too. */
export const CONTENDED = 'contended.txt';

/** Edited together: so many that they are made durable with one call. */
const MANY = ['1', '2', '3', '4', '5', '6'];

/** What a person has before the first day. */
export async function beginDays(folder: string): Promise<void> {
	const at = (...names: string[]) => join(folder, ...names);
	await mkdir(at('place-0', 'deep'), { recursive: true });
	await mkdir(at('tree-0', 'branch'), { recursive: true });
	for (const name of [
		...MANY,
		'edited.txt',
		'touched.txt',
		'tool.sh',
		'gone-0.txt',
		'named-0.txt',
		CONTENDED,
		...EXCHANGED,
		'place-0/inside.txt',
		'place-0/deep/below.txt',
		'tree-0/branch/leaf.txt',
	]) {
		await writeFile(at(name), `${name} on day 0`);
	}
	await writeFile(at('large.bin'), largeBytes('large'));
	await writeFile(at('download-0.bin'), largeBytes('download 0'));
	await symlink('day 0', at('link'));
}

/**
 * What a person does on a day: one of each kind of change there is. It leaves the folder so that the next day can do the
 * same.
 */
export async function spendDay(folder: string, day: number): Promise<void> {
	const at = (...names: string[]) => join(folder, ...names);
	const before = day - 1;
	for (const name of ['edited.txt', ...MANY]) await writeFile(at(name), `${name} edited on day ${day}`);
	await writeFile(at(CONTENDED), `here on day ${day}`);
	await rm(at(`gone-${before}.txt`));
	await writeFile(at(`gone-${day}.txt`), `new on day ${day}`);
	await rename(at(`named-${before}.txt`), at(`named-${day}.txt`));
	await rename(at(`place-${before}`), at(`place-${day}`));
	await writeFile(at(`place-${day}`, 'inside.txt'), `edited where it was moved to on day ${day}`);
	await rm(at(`tree-${before}`), { recursive: true });
	await mkdir(at(`tree-${day}`, 'branch'), { recursive: true });
	await writeFile(at(`tree-${day}`, 'branch', 'leaf.txt'), `leaf of day ${day}`);
	await rm(at('link'));
	await symlink(`day ${day}`, at('link'));
	await chmod(at('tool.sh'), day % 2 ? 0o755 : 0o644);
	await utimes(at('touched.txt'), 1_600_000_000 + day, 1_600_000_000 + day);
	await rename(at('one'), at('aside'));
	await rename(at('two'), at('one'));
	await rename(at('aside'), at('two'));
	await rm(at(`download-${before}.bin`));
	await writeFile(at(`download-${day}.bin`), largeBytes(`download ${day}`));
	const large = await open(at('large.bin'), 'r+');
	await large.write(`an edit on day ${day}`, 1_000_000);
	await large.close();
}
