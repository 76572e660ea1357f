import * as fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Change, PublishResult } from '../src/fs/jobs/change.ts';
import { recover } from '../src/fs/jobs/recover.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import { type Call, failing, hookedFs } from './support/hooked-fs.ts';
import { at, begin, beginWith, CASES, callsOf, FILE, rescueTo, run, stat } from './support/publish-cases.ts';

afterEach(() => at.remove());

describe('publish, while programs do something', () => {
	/** Everything that could be lost, and the next look would not find. */
	function isSafe(text: string, result: PublishResult): boolean {
		const drawing = at.drawing();
		const path = Object.keys(drawing).find((key) => drawing[key] === text);
		if (path === undefined) return false;
		const recorded = 'entry' in result && result.entry?.name === path.split('/').at(-1) ? result.entry! : undefined;
		return recorded === undefined || recorded.stamp !== stat(at.path(path)).stamp;
	}

	const REPLACING = ['replaces a file', 'replaces a file that steps aside', 'moves a file', 'deletes a file'];

	test.each([...REPLACING, 'gives a file other times', 'makes a file'])(
		'S1: when it %s, what a program writes into the file at any moment is kept and found',
		async (name) => {
			const count = (await callsOf(name)).length;
			for (let n = 0; n < count; n++) {
				const { change } = begin(name);
				const save = ({ number }: Call) => {
					if (number === n && fs.existsSync(at.path(FILE))) fs.writeFileSync(at.path(FILE), 'saved just now!');
				};
				let wrote = false;
				const result = await run(
					hookedFs(nodeFs, {
						before: (call) => {
							wrote ||= call.number === n && fs.existsSync(at.path(FILE));
							save(call);
						},
					}),
					change,
				);
				if (wrote && !isSafe('saved just now!', result)) throw new Error(`lost when saved before call ${n}`);
				expect(at.temporary()).toEqual([]);
				at.remove();
			}
			begin(name);
		},
	);

	test.each(['replaces a file', 'replaces a file that steps aside', 'deletes a file'])(
		'S1: when it %s, what a program writes into the file is kept, also if a clock that was set back gives it the size and time of before',
		async (name) => {
			const inAnHour = Date.now() / 1000 + 3600;
			for (const { number: n, name: call } of await callsOf(name)) {
				beginWith(CASES[name]!.before);
				fs.utimesSync(at.path(FILE), inAnHour, inAnHour);
				const change = CASES[name]!.change();
				const file = fs.openSync(at.path(FILE), 'r+');
				let saved = false;
				const before = ({ number, name }: Call) => {
					// Right before it loses its last name, nobody looks any more.
					if (number !== n || name === 'unlink') return;
					saved = fs.fstatSync(file).nlink > 0;
					fs.writeSync(file, 'THE OLD VERSION');
					fs.futimesSync(file, inAnHour, inAnHour);
				};
				const result = await run(hookedFs(nodeFs, { before }), change);
				fs.closeSync(file);
				if (saved && !isSafe('THE OLD VERSION', result)) throw new Error(`lost when saved before call ${n} (${call})`);
				at.remove();
			}
			begin(name);
		},
	);

	test.each(['replaces a file', 'deletes a file'])(
		'S1 S6: when it %s that cannot be read any more, it is not taken for another version, nor thrown away until it is read',
		async (name) => {
			const { case_ } = begin(name);
			const inAnHour = Date.now() / 1000 + 3600;
			fs.utimesSync(at.path(FILE), inAnHour, inAnHour);
			const reads: unknown[] = [];
			const unreadable = failing(nodeFs, 'openRead', 'EIO', (args) => reads.push(...args) > 0);
			expect(await run(unreadable, case_.change())).toMatchObject({ again: false });
			expect(reads).toEqual([expect.stringContaining('keep-')]);
			expect(at.drawing()).toEqual(case_.after);
			expect(at.temporary()).toHaveLength(1);
			recover(nodeFs, at.tempDir, at.folder);
			expect(at.drawing()).toEqual(case_.after);
			expect(at.temporary()).toEqual([]);
		},
	);

	test.each(REPLACING)(
		'S1: when it %s, what an editor puts in its place by a rename is kept and found',
		async (name) => {
			const calls = await callsOf(name);
			for (const { number: n, name: call } of calls) {
				// Between the last look and the rename over it nobody can look: Node has no exchange of names.
				if (name.startsWith('replaces') && call === 'rename') continue;
				const { change } = begin(name);
				let saved = false;
				const before = ({ number }: Call) => {
					if (number !== n) return;
					saved = true;
					fs.writeFileSync(at.path('dir/.swp'), 'saved just now!');
					fs.renameSync(at.path('dir/.swp'), at.path(FILE));
				};
				const result = await run(hookedFs(nodeFs, { before }), change);
				expect(saved).toBe(true);
				if (!isSafe('saved just now!', result)) throw new Error(`lost when saved before call ${n} (${call})`);
				at.remove();
			}
			begin(name);
		},
	);

	test.each(['replaces a file that steps aside', 'moves a file'])(
		'S1: when it %s, what an editor puts at the new name by a rename is kept and found, also when a step is refused',
		async (name) => {
			for (const { number: n, name: call } of await callsOf(name)) {
				for (const refused of [undefined, n + 1]) {
					const { change } = begin(name);
					const newName = change.do === 'move' ? change.to : (change as Change & { do: 'write' }).displacedTo!;
					let saved = false;
					const before = ({ number }: Call) => {
						if (number === refused) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
						if (number !== n || !fs.existsSync(newName)) return;
						saved = true;
						fs.writeFileSync(at.path('dir/.swp'), 'saved just now!');
						fs.renameSync(at.path('dir/.swp'), newName);
					};
					await run(hookedFs(nodeFs, { before }), change);
					const shown = Object.values(at.drawing());
					if (saved && !shown.includes('saved just now!'))
						throw new Error(`lost when saved before call ${n} (${call})`);
					at.remove();
				}
			}
			begin(name);
		},
	);

	test.each(['makes a file', 'makes a link', 'moves a file', 'moves a folder'])(
		'S3: when it %s, and another folder comes to the path of the one that it belongs in, nothing stays in that',
		async (name) => {
			for (const { number: n, name: call } of await callsOf(name)) {
				const { change, case_ } = begin(name);
				const folder = at.path(change.do === 'move' ? 'other' : 'dir');
				const before = ({ number }: Call) => {
					if (number !== n) return;
					fs.renameSync(folder, at.path('moved away'));
					fs.mkdirSync(folder);
				};
				await run(hookedFs(nodeFs, { before }), change);
				const shown = at.drawing();
				expect(fs.readdirSync(folder)).toEqual([]);
				const texts = (drawing: object) => Object.values(drawing).filter((text) => text !== '');
				const fits = [case_.before, case_.after].some((one) => isDeepStrictEqual(texts(one), texts(shown)));
				if (!fits) throw new Error(`moved away before call ${n} (${call}): ${JSON.stringify(shown)}`);
				at.remove();
			}
			begin(name);
		},
	);

	test('S1: what a program writes to a new file that is just taken back from another folder is kept', async () => {
		const calls = await callsOf('makes a file');
		const link = calls.findIndex(({ name }) => name === 'link');
		// Taking it back is as many calls again, at most.
		for (let n = link + 1; n < 2 * calls.length; n++) {
			const { change } = begin('makes a file');
			let saved = false;
			const before = ({ number }: Call) => {
				if (number === link) {
					fs.renameSync(at.path('dir'), at.path('moved away'));
					fs.mkdirSync(at.path('dir'));
				}
				if (number !== n || !fs.existsSync(change.path)) return;
				fs.writeFileSync(change.path, 'saved just now!');
				saved = true;
			};
			await run(hookedFs(nodeFs, { before }), change);
			if (saved && !Object.values(at.drawing()).includes('saved just now!'))
				throw new Error(`lost when saved before call ${n}`);
			expect(at.temporary()).toEqual([]);
			at.remove();
		}
		begin('makes a file');
	});

	test('S1: what is rescued finds a free name, whoever takes some just before', async () => {
		const { change } = begin('deletes a file');
		let taken = 0;
		const before = ({ name, args }: Call) => {
			if (name === 'rename') fs.writeFileSync(change.path, 'saved just now!');
			if (name === 'link' && taken++ < 3) fs.writeFileSync(String(args[1]), `another ${taken}`);
		};
		await run(hookedFs(nodeFs, { before }), change);
		expect(Object.values(at.drawing()).sort()).toEqual(['another 1', 'another 2', 'another 3', 'saved just now!']);
		expect(at.temporary()).toEqual([]);
	});

	test.each(['moves a file', 'moves a folder'])(
		'when it %s, and a person moves it on, it is missed there',
		async (name) => {
			for (const { number: n } of await callsOf(name)) {
				const { change: begun } = begin(name);
				const to = at.path('other/renamed');
				const before = ({ number }: Call) => {
					if (number === n && fs.existsSync(to)) fs.renameSync(to, at.path('moved on'));
				};
				const result = await run(hookedFs(nodeFs, { before }), { ...begun, to } as Change);
				if ('entry' in result) expect(result.entry?.name).toBe('renamed');
				at.remove();
			}
			begin(name);
		},
	);

	test.each(REPLACING)('S1: when it %s, a folder that comes to either name stays, with what is in it', async (name) => {
		for (const { number: n, name: call } of await callsOf(name)) {
			for (const isNewName of [false, true]) {
				const { change } = begin(name);
				const newName = change.do === 'move' ? change.to : change.do === 'write' ? change.displacedTo : null;
				const place = isNewName ? newName : change.path;
				let saved = false;
				const before = ({ number }: Call) => {
					if (number !== n || place === null || !fs.existsSync(place)) return;
					saved = true;
					fs.rmSync(place);
					fs.mkdirSync(place);
					fs.writeFileSync(`${place}/inside`, 'saved just now!');
				};
				await run(hookedFs(nodeFs, { before }), change);
				if (saved && !Object.values(at.drawing()).includes('saved just now!'))
					throw new Error(`lost when saved before call ${n} (${call})`);
				at.remove();
			}
		}
		begin(name);
	});

	test('S1: what is written to the version that steps aside, while a program takes its place, comes back', async () => {
		const { change } = begin('replaces a file that steps aside');
		const { displacedTo } = change as Change & { do: 'write' };
		const before = ({ name, args }: Call) => {
			const isGivenUp = name === 'rename' && args[0] === displacedTo;
			if (isGivenUp) fs.writeFileSync(displacedTo!, 'saved just now!');
		};
		const after = ({ name, args }: Call) => {
			if (name !== 'link' || args[1] !== displacedTo) return;
			fs.writeFileSync(at.path('new'), 'took its place');
			fs.renameSync(at.path('new'), at.path(FILE));
		};
		expect(await run(hookedFs(nodeFs, { before, after }), change)).toEqual({ surprise: 'changed' });
		expect(at.drawing()).toEqual({ [FILE]: 'took its place', 'dir/rescued.txt': 'saved just now!' });
		expect(at.temporary()).toEqual([]);
	});

	test('S1: a link to elsewhere that looks the same otherwise, on a disk with a slow clock, is another one', async () => {
		begin('deletes a file');
		const path = at.path('link');
		fs.symlinkSync('there', path);
		const known = { ...nodeFs.stat(path)!, content: null };
		const remove = (target: string) =>
			run(nodeFs, { do: 'delete', path, expected: { ...known, target }, folder: false, rescueTo: rescueTo() });
		expect(await remove('elsewhere')).toEqual({ surprise: 'changed' });
		expect(await remove('there')).toEqual({ entry: null, again: false });
	});

	test.each([
		{ taken: [], now: { [FILE]: 'saved just now!' } },
		{ taken: [FILE], now: { [FILE]: 'came first', 'dir/rescued.txt': 'saved just now!' } },
	])(
		'S1: what is saved in the moment of its delete has its name again, unless $taken is there',
		async ({ taken, now }) => {
			const { change } = begin('deletes a file');
			const before = ({ name }: Call) => {
				if (name === 'rename') fs.writeFileSync(at.path(FILE), 'saved just now!');
			};
			const after = ({ name }: Call) => {
				if (name === 'rename') for (const path of taken) fs.writeFileSync(at.path(path), 'came first');
			};
			expect(await run(hookedFs(nodeFs, { before, after }), change)).toEqual({ entry: null, again: true });
			expect(at.drawing()).toEqual(now);
			expect(at.temporary()).toEqual([]);
		},
	);

	test('finds taken names for a rescued version another one', async () => {
		const { change } = begin('deletes a file');
		const before = ({ name }: Call) => {
			if (name === 'rename') fs.writeFileSync(at.path(FILE), 'saved just now!');
		};
		const after = ({ name }: Call) => {
			if (name !== 'rename') return;
			fs.writeFileSync(at.path(FILE), 'came first');
			fs.writeFileSync(rescueTo(), 'came second');
		};
		expect(await run(hookedFs(nodeFs, { before, after }), change)).toEqual({ entry: null, again: true });
		expect(Object.values(at.drawing()).sort()).toEqual(['came first', 'came second', 'saved just now!']);
		expect(at.temporary()).toEqual([]);
	});
});
