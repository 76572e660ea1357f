import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { contentStamp } from '../src/fs/entry.ts';
import { keepName } from '../src/fs/jobs/kept.ts';
import { readFiles } from '../src/fs/jobs/read.ts';
import { recover } from '../src/fs/jobs/recover.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { TestFolder } from './support/folder.ts';
import { crashing, failing, hookedFs } from './support/hooked-fs.ts';

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder({ 'known.txt': 'known' });
});
afterEach(() => at.remove());

const run = (disk = nodeFs) => recover(disk, at.tempDir, at.folder);
/** A version that was being replaced when the process died; `now` is what is in it by now. */
function keep(text: string, now = text, number = 1): string {
	const path = join(at.tempDir, 'draft');
	fs.writeFileSync(path, text);
	fs.utimesSync(path, 1_600_000_000, 1_600_000_000);
	const name = `keep-${contentStamp(nodeFs.stat(path)!)}-1.1.${number}`;
	if (now !== text) fs.writeFileSync(path, now);
	fs.renameSync(path, join(at.tempDir, name));
	return name;
}

describe('recover', () => {
	test('throws away half-written files and versions that the server has', () => {
		fs.writeFileSync(join(at.tempDir, 'new-1.1.1'), 'half');
		keep('as it was');
		expect(run()).toEqual([]);
		expect(at.temporary()).toEqual([]);
		expect(at.drawing()).toEqual({ 'known.txt': 'known' });
	});

	test('S8: brings back what a program had written, at whatever call it crashes itself', () => {
		let count = 0;
		keep('before', 'written to meanwhile');
		run(hookedFs(nodeFs, { before: () => count++ }));
		at.remove();
		for (let n = 0; n < count; n++) {
			for (const when of ['before', 'after'] as const) {
				at = new TestFolder();
				keep('before', 'written to meanwhile');
				try {
					run(crashing(nodeFs, n, when));
				} catch {}
				run();
				expect(Object.values(at.drawing())).toEqual(['written to meanwhile']);
				expect(at.temporary()).toEqual([]);
				at.remove();
			}
		}
	});

	/** As a version that was being replaced, with a time that may come again because a clock was set back. */
	function keepRacy(text: string, now: string): void {
		const path = join(at.tempDir, 'draft');
		const inAnHour = Date.now() / 1000 + 3600;
		const write = (bytes: string) => {
			fs.writeFileSync(path, bytes);
			fs.utimesSync(path, inAnHour, inAnHour);
		};
		write(text);
		const read = readFiles(nodeFs, [path])[0]!;
		if (!('content' in read)) throw new Error('The draft cannot be read.');
		const name = basename(keepName(nodeFs, at.tempDir, { ...read.entry, content: read.content.hash }));
		write(now);
		fs.renameSync(path, join(at.tempDir, name));
	}

	test('S1: brings back what was written to it, also if a clock that was set back gives it the size and time of before', () => {
		keepRacy('before', 'BEFORE');
		const [back] = run();
		expect(back).toMatch(/^recovered 6-\d+-\d+\.\d+\.\d+$/);
		expect(at.drawing()).toEqual({ 'known.txt': 'known', [back!]: 'BEFORE' });
		keepRacy('before', 'before');
		expect(run()).toEqual([]);
		expect(at.temporary()).toEqual([]);
	});

	test('S1 S6: what cannot be read then is neither thrown away nor taken for another version', () => {
		keepRacy('before', 'BEFORE');
		expect(run(failing(nodeFs, 'openRead', 'EIO', () => true))).toEqual([]);
		expect(at.drawing()).toEqual({ 'known.txt': 'known' });
		expect(run()).toHaveLength(1);
		expect(Object.values(at.drawing()).sort()).toEqual(['BEFORE', 'known']);
	});

	test('S1: brings back a folder that was made in the place of a file just before that was to go', () => {
		const name = keep('gone');
		fs.rmSync(join(at.tempDir, name));
		fs.mkdirSync(join(at.tempDir, name));
		fs.writeFileSync(join(at.tempDir, name, 'inside'), 'just made');
		const [back] = run();
		expect(at.drawing()).toEqual({ 'known.txt': 'known', [`${back}/inside`]: 'just made' });
		expect(at.temporary()).toEqual([]);
	});

	test('S1: finds a free name for each', () => {
		keep('before', 'written to meanwhile');
		const [name] = run();
		keep('before', 'written to once more');
		run();
		expect(at.temporary()).toEqual([]);
		expect(at.drawing()).toMatchObject({ [name!]: 'written to meanwhile', [`${name} 2`]: 'written to once more' });
	});

	test('S6: makes no copy of a file that still is at its place', () => {
		const name = keep('known');
		fs.rmSync(at.path('known.txt'));
		fs.linkSync(join(at.tempDir, name), at.path('known.txt'));
		fs.writeFileSync(at.path('known.txt'), 'saved after the crash');
		expect(run()).toEqual([]);
		expect(at.drawing()).toEqual({ 'known.txt': 'saved after the crash' });
	});

	test('goes on with the others when one cannot be moved', () => {
		keep('a', 'a and more', 1);
		keep('b', 'b and more', 2);
		const broken = failing(nodeFs, 'link', 'EIO', ([from]) => String(from).endsWith('.1'));
		expect(run(broken)).toHaveLength(1);
		expect(at.temporary()).toHaveLength(1);
		expect(run()).toHaveLength(1);
		expect(Object.values(at.drawing()).sort()).toEqual(['a and more', 'b and more', 'known']);
	});

	test.each([
		['a staged download', 'get-1', 7 * 24],
		['what arrived before its commit', 'arriving-1', 1],
	])('keeps %s for a while', (_, name, hours) => {
		fs.writeFileSync(join(at.tempDir, name), 'half of it');
		const after = (hours: number) => ({ ...nodeFs, now: () => Date.now() + hours * 3600 * 1000 });
		run(after(hours - 0.1));
		expect(at.temporary()).toEqual([name]);
		run(after(hours + 0.1));
		expect(at.temporary()).toEqual([]);
	});

	test('S1: does not keep a staged download that has got its name: to go on with it would be to write into that file', () => {
		fs.linkSync(at.path('known.txt'), join(at.tempDir, 'get-1'));
		run();
		expect(at.temporary()).toEqual([]);
		expect(at.drawing()).toEqual({ 'known.txt': 'known' });
	});
});
