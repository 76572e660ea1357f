import * as fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Mtime } from '@mydropbox/protocol';
import type { Change, Expected, PublishResult } from '../src/fs/jobs/change.ts';
import { publish } from '../src/fs/jobs/publish.ts';
import { readFiles } from '../src/fs/jobs/read.ts';
import { recover } from '../src/fs/jobs/recover.ts';
import { nodeFs } from '../src/fs/node-fs.ts';
import type { Fs } from '../src/fs/port.ts';
import { TestFolder } from './support/folder.ts';
import { type Call, Crash, crashing, failing, hookedFs } from './support/hooked-fs.ts';

const OLD = 'the old version';
const NEW = 'the new version, which is longer';
const MTIME = '1600000000123456000' as Mtime;

let at: TestFolder;
afterEach(() => at.remove());

const stat = (path: string) => nodeFs.stat(path)!;
const expected = (path: string): Expected => {
	const read = readFiles(nodeFs, [path])[0]!;
	return { ...stat(path), content: 'content' in read ? read.content.hash : null };
};
const bytes = (text: string) => ({
	kind: 'file' as const,
	source: { pieces: [Buffer.from(text)] },
	size: text.length,
	mtime: MTIME,
	exec: false,
});
const identityOf = (folder: string) => stat(at.path(folder)).identity;
const rescueTo = () => at.path('dir/rescued.txt');

interface Case {
	readonly change: () => Change;
	/** What the folder shows before and after. */
	readonly before: Record<string, string>;
	readonly after: Record<string, string>;
	/** Paths that are there before and after, and so must always be. */
	readonly always: readonly string[];
}

const FILE = 'dir/file.txt';
const CASES: Record<string, Case> = {
	'makes a file': {
		before: { 'dir/': '' },
		after: { [FILE]: NEW },
		always: [],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: null,
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'makes a link': {
		before: { 'dir/': '' },
		after: { 'dir/link': '→ nowhere' },
		always: [],
		change: () => ({
			do: 'write',
			path: at.path('dir/link'),
			expected: null,
			into: identityOf('dir'),
			material: { kind: 'symlink', target: 'nowhere', mtime: MTIME },
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'replaces a file': {
		before: { [FILE]: OLD },
		after: { [FILE]: NEW },
		always: [FILE],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: null,
			rescueTo: rescueTo(),
		}),
	},
	'replaces a file that steps aside': {
		before: { [FILE]: OLD },
		after: { [FILE]: NEW, 'dir/aside.txt': OLD },
		always: [FILE],
		change: () => ({
			do: 'write',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('dir'),
			material: bytes(NEW),
			displacedTo: at.path('dir/aside.txt'),
			rescueTo: rescueTo(),
		}),
	},
	'moves a file': {
		before: { [FILE]: OLD, 'other/': '' },
		after: { 'other/moved.txt': OLD, 'dir/': '' },
		always: [],
		change: () => ({
			do: 'move',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			into: identityOf('other'),
			to: at.path('other/moved.txt'),
			respells: false,
			rescueTo: rescueTo(),
		}),
	},
	'moves a folder': {
		before: { [FILE]: OLD, 'other/': '' },
		after: { 'other/dir/file.txt': OLD },
		always: [],
		change: () => ({
			do: 'move',
			path: at.path('dir'),
			expected: expected(at.path('dir')),
			into: identityOf('other'),
			to: at.path('other/dir'),
			respells: false,
			rescueTo: rescueTo(),
		}),
	},
	'deletes a file': {
		before: { [FILE]: OLD },
		after: { 'dir/': '' },
		always: [],
		change: () => ({
			do: 'delete',
			path: at.path(FILE),
			expected: expected(at.path(FILE)),
			folder: false,
			rescueTo: rescueTo(),
		}),
	},
	'gives a file other times': {
		before: { [FILE]: OLD },
		after: { [FILE]: OLD },
		always: [FILE],
		change: () => ({ do: 'touch', path: at.path(FILE), expected: expected(at.path(FILE)), mtime: MTIME, exec: true }),
	},
};
const names = Object.keys(CASES);

function begin(name: string): { change: Change; case_: Case } {
	at = new TestFolder(CASES[name]!.before);
	return { change: CASES[name]!.change(), case_: CASES[name]! };
}

async function callsOf(name: string): Promise<Call[]> {
	const { change } = begin(name);
	const calls: Call[] = [];
	await publish(hookedFs(nodeFs, { before: (call) => void calls.push(call) }), at.tempDir, [change]);
	at.remove();
	return calls;
}

const run = async (fs_: Fs, change: Change): Promise<PublishResult> => (await publish(fs_, at.tempDir, [change]))[0]!;

describe('publish', () => {
	test.each(names)('%s, and leaves nothing behind', async (name) => {
		const { change, case_ } = begin(name);
		const result = await run(nodeFs, change);
		expect(result).toHaveProperty('entry');
		expect(at.drawing()).toEqual(case_.after);
		expect(at.temporary()).toEqual([]);
	});

	test.each(names)('S2 S7: while it %s, no path is missing or half there', async (name) => {
		const { change, case_ } = begin(name);
		const look = () => {
			const drawing = at.drawing();
			for (const path of case_.always) expect(drawing).toHaveProperty([path]);
			for (const text of Object.values(drawing)) expect(['', OLD, NEW, '→ nowhere']).toContain(text);
		};
		await run(hookedFs(nodeFs, { before: look, after: look }), change);
	});

	test.each(names)(
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
				at = new TestFolder(CASES[name]!.before);
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

	test.each(names)(
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

	test('does nothing when something unknown is there', async () => {
		for (const name of names) {
			const { change, case_ } = begin(name);
			const target = change.do === 'move' ? change.to : change.path;
			if (fs.lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) continue;
			fs.rmSync(target, { force: true });
			fs.writeFileSync(target, 'unknown');
			expect(await run(nodeFs, change)).toHaveProperty('surprise');
			expect(fs.readFileSync(target, 'utf8')).toBe('unknown');
			expect(Object.keys(case_)).toBeDefined();
			at.remove();
		}
		at = new TestFolder();
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
		at = new TestFolder({ 'dir/': '' });
		const write = (name: string): Change => ({ ...CASES['makes a file']!.change(), path: at.path(name) }) as Change;
		const results = await publish(nodeFs, at.tempDir, [write('dir/a'), write('missing/b'), write('dir/c')]);
		expect(results.map((result) => Object.keys(result)[0])).toEqual(['entry', 'surprise', 'entry']);
		expect(at.drawing()).toEqual({ 'dir/a': NEW, 'dir/c': NEW });
	});

	test('S2: what a daemon of the same number left under its temporary name, and has published, is never written into', async () => {
		at = new TestFolder({ [FILE]: OLD });
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
