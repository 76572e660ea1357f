import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Every path below a folder, sorted; symbolic links are not followed, which `readdir` with `recursive` does. */
export async function namesBelow(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const below = await Promise.all(
		entries.map(async (entry) => {
			const names = entry.isDirectory() ? await namesBelow(join(folder, entry.name)) : [];
			return [entry.name, ...names.map((name) => join(entry.name, name))];
		}),
	);
	return below.flat().sort();
}
