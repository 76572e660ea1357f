import * as fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../src/fs/jobs/change.ts';
import { publish } from '../src/fs/jobs/publish.ts';
import { recover } from '../src/fs/jobs/recover.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { type Call, Crash, crashing, failing, hookedFs } from './support/hooked-fs.ts';
import {
	at,
	begin,
	beginWith,
	bytes,
	CASES,
	callsOf,
	expected,
	FILE,
	NAMES,
	NEW,
	OLD,
	run,
	stat,
} from './support/publish-cases.ts';

afterEach(() => at.remove());

describe('publish', () => {
	test.each(NAMES)('%s, and leaves nothing behind', async (name) => {
		const { change, case_ } = begin(name);
		const result = await run(nodeFs, change);
		expect(result).toHaveProperty('entry');
		expect(at.drawing()).toEqual(case_.after);
		expect(at.temporary()).toEqual([]);
	});

	test.each(NAMES)('S2 S7: while it %s, no path is missing or half there', async (name) => {
		const { change, case_ } = begin(name);
		const look = () => {
			const drawing = at.drawing();
			for (const path of case_.always) expect(drawing).toHaveProperty([path]);
			for (const text of Object.values(drawing)) expect(['', OLD, NEW, '→ nowhere']).toContain(text);
		};
		await run(hookedFs(nodeFs, { before: look, after: look }), change);
	});

	test.each(NAMES)(
		'S8: when it %s and crashes before or after any call, all is as before or as after',
		async (name) => {
			const count = (await callsOf(name)).length;
			for (let n = 0; n < count; n++) {
				for (const when of ['before', 'after'] as const) {
					const { change, case_ } = begin(name);
					const dying = crashing(nodeFs, n, when);
					await run(dying, change);
					expect(() => dying.stat('/')).toThrow(Crash);
					recover(nodeFs, at.tempDir, at.folder);

					const drawing = at.drawing();
					const both = { ...case_.before, ...case_.after };
					for (const [path, text] of Object.entries(drawing)) {
						expect([case_.before[path], case_.after[path], both[path] ?? '']).toContain(text);
					}
					for (const path of case_.always) expect(drawing).toHaveProperty([path]);
					const isMove = change.do === 'move';
					if (isMove || change.do === 'touch') expect(Object.values(drawing)).toContain(OLD);
					expect(at.temporary()).toEqual([]);
					at.remove();
				}
			}
			begin(name);
		},
	);

	test.each(NAMES)(
		'S6: when it %s, and the disk refuses any one step, things are as before or as after',
		async (name) => {
			for (const { number: n, name: call } of await callsOf(name)) {
				const { change, case_ } = begin(name);
				const before = ({ number }: Call) => {
					if (number === n) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
				};
				await run(hookedFs(nodeFs, { before }), change);
				const drawing = at.drawing();
				const fits = [case_.before, case_.after].some((one) => isDeepStrictEqual(one, drawing));
				if (!fits) throw new Error(`${call} refused: ${JSON.stringify(drawing)}`);
				at.remove();
			}
			begin(name);
		},
	);

	test('does nothing when something unknown is there', async () => {
		for (const name of NAMES) {
			const { change } = begin(name);
			const target = change.do === 'move' ? change.to : change.path;
			if (fs.lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) continue;
			fs.rmSync(target, { force: true });
			fs.writeFileSync(target, 'unknown');
			expect(await run(nodeFs, change)).toHaveProperty('surprise');
			expect(fs.readFileSync(target, 'utf8')).toBe('unknown');
			at.remove();
		}
		beginWith({});
	});

	test('S12: on a full disk it changes nothing and frees what it has taken', async () => {
		const { change, case_ } = begin('replaces a file');
		const full = failing(nodeFs, 'syncFile', 'ENOSPC', () => true);
		expect(await run(full, change)).toEqual({ error: 'ENOSPC' });
		expect(at.drawing()).toEqual(case_.before);
		expect(at.temporary()).toEqual([]);
	});

	test('lets go of the old version when the last step is refused', async () => {
		const { change, case_ } = begin('replaces a file');
		const refusing = failing(nodeFs, 'rename', 'EACCES', () => true);
		expect(await run(refusing, change)).toEqual({ error: 'EACCES' });
		expect(at.drawing()).toEqual(case_.before);
		expect(at.temporary()).toEqual([]);
		expect(stat(at.path(FILE)).links).toBe(1);
	});

	test('keeps a staged download when its place is not as expected', async () => {
		const { change } = begin('makes a file');
		const staged = `${at.tempDir}/get-1`;
		fs.writeFileSync(staged, NEW);
		fs.writeFileSync(at.path(FILE), 'unknown');
		const write = { ...change, material: { ...bytes(NEW), source: { staged } } } as Change;
		expect(await run(nodeFs, write)).toHaveProperty('surprise');
		expect(at.temporary()).toEqual(['get-1']);
	});

	test('one refused change does not stop the others', async () => {
		beginWith({ 'dir/': '' });
		const write = (name: string): Change => ({ ...CASES['makes a file']!.change(), path: at.path(name) }) as Change;
		const results = await publish(nodeFs, at.tempDir, [write('dir/a'), write('missing/b'), write('dir/c')]);
		expect(results.map((result) => Object.keys(result)[0])).toEqual(['entry', 'surprise', 'entry']);
		expect(at.drawing()).toEqual({ 'dir/a': NEW, 'dir/c': NEW });
	});

	test('S2: what a daemon of the same number left under its temporary name, and has published, is never written into', async () => {
		beginWith({ [FILE]: OLD });
		const taken = { ...nodeFs, ownName: () => '7.0.1' };
		fs.linkSync(at.path(FILE), at.path('.mydropbox/tmp/new-7.0.1'));
		const change = { ...CASES['makes a file']!.change(), path: at.path('dir/other.txt') } as Change;
		expect(await publish(taken, at.tempDir, [change])).toEqual([{ surprise: 'EEXIST' }]);
		expect(await publish(taken, at.tempDir, [change])).toMatchObject([{ again: false }]);
		expect(at.drawing()).toMatchObject({ [FILE]: OLD, 'dir/other.txt': NEW });
	});

	test('a hard link elsewhere keeps its version', async () => {
		const { change } = begin('replaces a file');
		fs.linkSync(at.path(FILE), at.path('twin'));
		const again = { ...change, expected: expected(at.path(FILE)) } as Change;
		expect(await run(nodeFs, again)).toMatchObject({ again: false });
		expect(at.drawing()).toEqual({ [FILE]: NEW, twin: OLD });
	});
});
