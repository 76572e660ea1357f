import * as fs from 'node:fs';
import { contentOf } from '@mydropbox/protocol/content';
import { listFolders } from '../src/fs/jobs/list.ts';
import { type ReadFile, readBlocks, readFiles } from '../src/fs/jobs/read.ts';
import { stage } from '../src/fs/jobs/stage.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { isRacy } from '../src/fs/quiet.ts';
import { TestFolder } from './support/folder.ts';
import { failing, hookedFs } from './support/hooked-fs.ts';

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder({ file: 'some bytes', empty: '', 'dir/': '', link: '→ file' });
});
afterEach(() => at.remove());

const read = (name: string, disk: Fs = nodeFs) => readFiles(disk, [at.path(name)])[0]!;
const contentOfFile = (name: string) => (read(name) as { content: ReturnType<typeof contentOf> }).content;

describe('readFiles', () => {
	test('cuts and hashes', () => {
		expect(contentOfFile('file')).toMatchObject({ size: 10, blocks: [{ size: 10 }] });
		expect(contentOfFile('empty')).toEqual(contentOf([]));
	});

	test.each(['dir', 'link', 'missing', 'file/below'])('%s is no file to be read', (name) => {
		expect(read(name)).toEqual({ changed: true });
	});

	test('S2: what is written to meanwhile is no version', () => {
		const writing = hookedFs(nodeFs, {
			after: ({ name }) => {
				if (name === 'read') fs.appendFileSync(at.path('file'), '!');
			},
		});
		expect(read('file', writing)).toEqual({ changed: true });
	});

	test('keeps the bytes for which there is room', () => {
		fs.writeFileSync(at.path('second'), 'two');
		fs.writeFileSync(at.path('third'), 'three');
		const paths = ['file', 'empty', 'third', 'second'].map((name) => at.path(name));
		const bytes = (room: number, disk: Fs = nodeFs) =>
			readFiles(disk, paths, room).map((file) => 'bytes' in file && Buffer.from(file.bytes!).toString());
		expect(bytes(10 + 3 + 2)).toEqual([fs.readFileSync(at.path('file'), 'utf8'), '', false, 'two']);
		expect(bytes(100)).toEqual(paths.map((path) => fs.readFileSync(path, 'utf8')));
		expect(bytes(0)).toEqual([false, false, false, false]);
		// Of what comes in several pieces, the first is written over.
		const slow: Fs = { ...nodeFs, read: (file, memory, from) => nodeFs.read(file, memory.subarray(0, 4), from) };
		expect(bytes(100, slow)).toEqual([false, '', false, 'two']);
	});

	test('what the disk refuses concerns that file alone', () => {
		const broken = failing(nodeFs, 'openRead', 'EIO', ([path]) => path === at.path('file'));
		expect(readFiles(broken, [at.path('file'), at.path('empty')])).toMatchObject([
			{ error: 'EIO' },
			{ content: { size: 0 } },
		]);
	});

	test('S14: what was written a moment ago could be written again without a trace', () => {
		const { ctime } = nodeFs.stat(at.path('file'))!;
		const written = Number(ctime / 1_000_000n);
		const racyAt = (now: number, disk: Fs = nodeFs) => {
			const { entry, readAt } = read('file', { ...disk, now: () => now }) as ReadFile;
			return isRacy(entry, readAt);
		};
		expect([written, written + 10, written + 100].map((now) => racyAt(now))).toEqual([true, true, false]);
		// The clock was set back, and comes to that time again.
		expect(racyAt(written - 3_600_000)).toBe(true);
		const whole = (ctime / 1_000_000_000n) * 1_000_000_000n;
		const coarse: Fs = { ...nodeFs, stat: (path) => ({ ...nodeFs.stat(path)!, ctime: whole }) };
		expect([1000, 3000].map((later) => racyAt(Number(whole / 1_000_000n) + later, coarse))).toEqual([true, false]);
	});
});

describe('readBlocks and stage', () => {
	test('give only bytes that are what their hash says', () => {
		const [block] = contentOfFile('file').blocks;
		const place = { ...block!, start: 0 };
		const blocksOf = (name: string, places = [place]) => readBlocks(nodeFs, [{ path: at.path(name), places }])[0]!;
		expect(blocksOf('file')[0]).toEqual(new Uint8Array(Buffer.from('some bytes')));
		fs.writeFileSync(at.path('file'), 'SOME bytes');
		expect(blocksOf('file', [place, { ...place, start: 5 }])).toEqual([null, null]);
		expect(blocksOf('missing')).toEqual([null]);
	});

	test('put a file together from memory, from other files, and from what is there already', () => {
		const [block] = contentOfFile('file').blocks;
		const temp = `${at.tempDir}/get-1`;
		const bytes = new Uint8Array(Buffer.from('some bytes'));
		const piece = (start: number) => ({ ...block!, start });
		expect(
			stage(
				nodeFs,
				temp,
				[
					{ ...piece(0), bytes },
					{ ...piece(10), from: { path: at.path('file'), start: 0 } },
				],
				20,
			),
		).toEqual({ missing: [] });
		expect(fs.readFileSync(temp, 'utf8')).toBe('some bytessome bytes');
		expect(stage(nodeFs, temp, [piece(0), piece(10), piece(20)], 0)).toEqual({ missing: [2] });
		expect(
			stage(
				failing(nodeFs, 'write', 'ENOSPC', () => true),
				temp,
				[{ ...piece(20), bytes: Buffer.from('some bytes') }],
				10,
			),
		).toEqual({ error: 'ENOSPC' });
	});
});

describe('listFolders', () => {
	test('one folder that cannot be read does not hide the others', () => {
		const broken = failing(nodeFs, 'list', 'EACCES', ([path]) => path === at.path('dir'));
		expect(listFolders(broken, [at.path('dir'), at.folder, at.path('missing')])).toMatchObject([
			{ error: 'EACCES' },
			{ entries: expect.any(Array) },
			{ error: 'ENOENT' },
		]);
	});
});
