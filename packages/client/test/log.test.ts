import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { formatLogLine, LogReader } from '../src/cli/log-reader.ts';
import { openLog } from '../src/daemon/log.ts';
import { RotatingFile } from '../src/daemon/rotating-file.ts';
import { Sandbox } from './support/sandbox.ts';

let box: Sandbox;
let path: string;
beforeEach(() => {
	box = new Sandbox();
	box.home.create();
	path = box.home.log;
});
afterEach(() => box.remove());

test('a full log makes room, and the oldest goes', () => {
	const log = new RotatingFile(path, { maxBytes: 10, kept: 2 });
	for (const line of ['one', 'two', 'three', 'four']) log.write(`${line} 0123456789\n`);
	log.close();
	expect(
		['', '.1', '.2', '.3'].map((age) => existsSync(path + age) && readFileSync(path + age, 'utf8').split(' ')[0]),
	).toEqual(['four', 'three', 'two', false]);
});

test('a reader follows across the change of files and over half-written lines', () => {
	const log = new RotatingFile(path, { maxBytes: 10 });
	const reader = new LogReader(path);
	log.write('first line\n');
	expect(reader.read()).toEqual(['first line']);
	log.write('second');
	expect(reader.read()).toEqual([]);
	log.write(' line\n');
	expect(reader.read()).toEqual(['second line']);
	log.write('third\n');
	log.close();
	expect(reader.read()).toEqual(['third']);
});

test('secrets do not get into the log', () => {
	mkdirSync(box.home.logs, { recursive: true });
	openLog(box.home).info({ token: 'secret', grant: { token: 'secret', url: 'http://x' } }, 'hello');
	expect(readFileSync(path, 'utf8')).not.toContain('secret');
	expect(formatLogLine(readFileSync(path, 'utf8'))).toContain('hello');
});
