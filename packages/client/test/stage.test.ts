import * as fs from 'node:fs';
import { join } from 'node:path';
import { blockHash } from '@mydropbox/protocol/content';
import { stage } from '../src/fs/jobs/stage.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { TestFolder } from './support/folder.ts';
import { failing } from './support/hooked-fs.ts';

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder({ 'large.bin': 'saved by a person' });
});
afterEach(() => at.remove());

test('S1: does not write into a file that a person sees, though it was staged once', () => {
	const temp = join(at.tempDir, 'get-1');
	fs.linkSync(at.path('large.bin'), temp);
	const bytes = Buffer.from('from the server..');
	expect(stage(nodeFs, temp, [{ hash: blockHash(bytes), size: bytes.length, start: 0, bytes }], 0)).toEqual({
		missing: [],
	});
	expect(fs.readFileSync(temp, 'utf8')).toBe('from the server..');
	expect(at.drawing()).toEqual({ 'large.bin': 'saved by a person' });
});

test('S17: a block that arrived with other bytes is not written, and is still missing', () => {
	const temp = join(at.tempDir, 'get-1');
	const pieces = ['one', 'two'].map((text, index) => ({
		...{ hash: blockHash(Buffer.from(text)), size: 3, start: 3 * index },
		bytes: Buffer.from(index === 0 ? 'one' : 'tWo'),
	}));
	expect(stage(nodeFs, temp, pieces, 6)).toEqual({ missing: [1] });
	expect(fs.readFileSync(temp, 'utf8')).toBe('one');
});

describe('S12: a file that does not fit leaves the disk to what does', () => {
	const bytes = Buffer.from('the first block');
	const piece = { hash: blockHash(bytes), size: bytes.length, start: 0, bytes };
	const temp = () => join(at.tempDir, 'get-1');
	beforeEach(() => {
		expect(stage(nodeFs, temp(), [piece], bytes.length)).toEqual({ missing: [] });
	});

	test('when that is seen before', () => {
		const fs = { ...nodeFs, freeBytes: () => 1_000_000 };
		expect(stage(fs, temp(), [piece], 1_000_000)).toEqual({ missing: [] });
		expect(stage(fs, temp(), [piece], 1_000_001)).toEqual({ error: 'ENOSPC' });
		expect(at.temporary()).toEqual([]);
	});

	test.each(['ENOSPC', 'EDQUOT'])('when the disk says it (%s)', (code) => {
		expect(
			stage(
				failing(nodeFs, 'write', code, () => true),
				temp(),
				[piece],
				0,
			),
		).toEqual({ error: code });
		expect(at.temporary()).toEqual([]);
	});

	test('and any other error leaves what has arrived', () => {
		expect(
			stage(
				failing(nodeFs, 'write', 'EIO', () => true),
				temp(),
				[piece],
				0,
			),
		).toEqual({ error: 'EIO' });
		expect(at.temporary()).toEqual(['get-1']);
	});
});
