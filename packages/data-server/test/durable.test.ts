import type { FileHandle } from 'node:fs/promises';
import * as real from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { jest } from '@jest/globals';

/** What reaches the disk, in its order. */
const calls: string[] = [];

async function open(path: string, ...more: [string?, number?]): Promise<FileHandle> {
	const file = await real.open(path, ...more);
	for (const name of ['writev', 'writeFile', 'sync'] as const) {
		const call = file[name].bind(file) as (...args: unknown[]) => Promise<never>;
		file[name] = async (...args: unknown[]) => {
			const result = await call(...args);
			calls.push(`${name === 'sync' ? 'sync' : 'write'} ${basename(path)}`);
			return result;
		};
	}
	return file;
}

async function rename(from: string, to: string): Promise<void> {
	await real.rename(from, to);
	calls.push(`rename ${basename(from)} ${basename(to)}`);
}

jest.unstable_mockModule('node:fs/promises', () => ({ ...real, open, rename }));
const { LocalDirectory } = await import('../src/index.ts');

test('S8: a segment is synced before it gets its name, and the name before anybody is answered', async () => {
	const directory = await real.mkdtemp(join(tmpdir(), 'mydropbox-blocks-'));
	try {
		const storage = await LocalDirectory.open(directory);
		const [owner, segment] = ['a'.repeat(32), 'b'.repeat(32)];
		const pieces = (async function* () {
			yield Buffer.from('some blocks');
		})();
		calls.length = 0;
		await storage.write({ owner, segment } as never, pieces);
		expect(calls).toEqual([
			`sync ${basename(directory)}`,
			`write ${segment}.unfinished`,
			`sync ${segment}.unfinished`,
			`rename ${segment}.unfinished ${segment}.segment`,
			`sync ${owner}`,
		]);
	} finally {
		await real.rm(directory, { recursive: true });
	}
});
