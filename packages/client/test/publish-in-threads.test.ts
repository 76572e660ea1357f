import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mtime } from '@mydropbox/protocol';
import type { Change } from '../src/fs/jobs/change.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { WorkerDisk } from '../src/fs/worker-disk.ts';

const FILES = 300;

/** Each thread numbers its temporary files by itself; two with the same name once mixed up the contents of files. */
test('threads that publish at once never touch each other’s files', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'mydropbox-publish-'));
	const tempDir = join(dir, 'tmp');
	mkdirSync(tempDir);
	const disk = new WorkerDisk(4);
	const path = (thread: number, file: number) => join(dir, `${thread}-${file}`);
	const text = (thread: number, file: number) => `${thread}-${file} `.repeat(1 + (file % 50) * 20);
	const write = (thread: number, file: number): Change => {
		const bytes = Buffer.from(text(thread, file));
		const source = { pieces: [bytes] };
		return {
			do: 'write',
			path: path(thread, file),
			expected: null,
			into: nodeFs.stat(dir)!.identity,
			material: { kind: 'file', source, size: bytes.length, mtime: '0' as Mtime, exec: false },
			displacedTo: null,
			rescueTo: join(dir, 'rescued'),
		};
	};
	try {
		const threads = [0, 1, 2, 3];
		const files = Array.from({ length: FILES }, (_, file) => file);
		await Promise.all(
			threads.map((thread) =>
				disk.run(
					'publish',
					tempDir,
					files.map((file) => write(thread, file)),
				),
			),
		);
		const wrong = threads.flatMap((thread) =>
			files.filter((file) => readFileSync(path(thread, file), 'utf8') !== text(thread, file)),
		);
		expect(wrong).toEqual([]);
	} finally {
		await disk.close();
		rmSync(dir, { recursive: true });
	}
});
