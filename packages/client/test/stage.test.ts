import * as fs from 'node:fs';
import { join } from 'node:path';
import { blockHash } from '@mydropbox/protocol/content';
import { stage } from '../src/fs/jobs/stage.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { TestFolder } from './support/folder.ts';

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder({ 'large.bin': 'saved by a person' });
});
afterEach(() => at.remove());

test('S1: does not write into a file that a person sees, though it was staged once', () => {
	const temp = join(at.tempDir, 'get-1');
	fs.linkSync(at.path('large.bin'), temp);
	const bytes = Buffer.from('from the server..');
	expect(stage(nodeFs, temp, [{ hash: blockHash(bytes), size: bytes.length, start: 0, bytes }])).toEqual({
		missing: [],
	});
	expect(fs.readFileSync(temp, 'utf8')).toBe('from the server..');
	expect(at.drawing()).toEqual({ 'large.bin': 'saved by a person' });
});
