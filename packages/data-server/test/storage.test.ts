import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { segmentStorageContract } from '@mydropbox/testkit';
import { LocalDirectory } from '../src/index.ts';

let directory: string;
beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), 'mydropbox-blocks-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

segmentStorageContract('a local directory', () => LocalDirectory.open(directory));

test('what a power cut left unfinished is cleared away at the next start, and nothing else is touched', async () => {
	const key = { owner: 'a'.repeat(32), segment: 'b'.repeat(32) } as never;
	const storage = await LocalDirectory.open(directory);
	await storage.write(
		key,
		(async function* () {
			yield Buffer.from('abc');
		})(),
	);
	const folder = join(directory, 'a'.repeat(32));
	await writeFile(join(folder, `${'c'.repeat(32)}.unfinished`), 'half');
	await writeFile(join(directory, 'README'), 'not ours');
	const reopened = await LocalDirectory.open(directory);
	expect(await readdir(folder)).toEqual([`${'b'.repeat(32)}.segment`]);
	expect(await readdir(directory)).toContain('README');
	for await (const found of reopened.list()) expect(found).toEqual(key);
	expect((await reopened.stat(key))?.bytes).toBe(3);
});
