import * as fs from 'node:fs';
import { thisMachine } from '../src/control/machine.ts';
import { failing } from './support/hooked-fs.ts';
import { RunningEngine } from './support/running-engine.ts';

let device: RunningEngine;
async function begin(drawing: Record<string, string>): Promise<void> {
	device = new RunningEngine(drawing);
	await device.start();
}
afterEach(() => device.remove());

const RULES = '.mydropboxignore';
const here = () => device.at.drawing();
const there = () => device.server.drawing();
const upToDate = async (ignored: number) =>
	expect(await device.settled()).toMatchObject({ state: 'up-to-date', problems: [], ignored });

describe('.mydropboxignore', () => {
	test('what it names is not uploaded; the rules themselves are', async () => {
		await begin({
			[RULES]: '*.tmp\n/build/\n!keep.tmp',
			'a.tmp': '1',
			'keep.tmp': '2',
			'build/x': '3',
			'sub/b.tmp': '4',
			'sub/c': '5',
		});
		await upToDate(3);
		expect(there()).toEqual({ [RULES]: '*.tmp\n/build/\n!keep.tmp', 'keep.tmp': '2', 'sub/': '', 'sub/c': '5' });
	});

	test('nearer rules win, and hold below their folder only', async () => {
		await begin({
			[RULES]: '*.log',
			'a/.mydropboxignore': '!*.log\nonly-here',
			'a/x.log': '1',
			'a/only-here': '2',
			'only-here': '3',
		});
		await upToDate(1);
		expect(Object.keys(there()).sort()).toEqual(
			['.mydropboxignore', 'a/', 'a/.mydropboxignore', 'a/x.log', 'only-here'].sort(),
		);
	});

	test('S4: what becomes ignored stays on both sides, and is no longer kept in step', async () => {
		await begin({ 'build/out': '1', plan: '2' });
		await upToDate(0);
		device.at.draw({ [RULES]: 'build/' });
		await upToDate(1);
		fs.rmSync(device.at.path('build'), { recursive: true });
		await upToDate(0);
		expect(there()).toEqual({ 'build/': '', 'build/out': '1', plan: '2', [RULES]: 'build/' });
		device.server.write('build/more', '3');
		await upToDate(0);
		expect(here()).toEqual({ plan: '2', [RULES]: 'build/' });
	});

	test('S4: a delete that comes together with the rule is none', async () => {
		await begin({ 'build/out': '1' });
		await upToDate(0);
		device.at.draw({ [RULES]: 'build/' });
		fs.rmSync(device.at.path('build'), { recursive: true });
		await upToDate(0);
		expect(there()).toMatchObject({ 'build/out': '1' });
	});

	test('when the rule goes, both sides are merged without a delete', async () => {
		await begin({ 'build/same': '1', 'build/other': '2', 'build/gone-here': '3' });
		await upToDate(0);
		device.at.draw({ [RULES]: 'build/' });
		await upToDate(1);
		device.at.draw({ 'build/other': 'changed here', 'build/new': '4' });
		fs.rmSync(device.at.path('build/gone-here'));
		fs.rmSync(device.at.path(RULES));
		await upToDate(0);
		expect(here()).toEqual(there2());
		expect(Object.values(there()).sort()).toEqual(['', '1', '2', '3', '4', 'changed here'].sort());
	});
	const there2 = () => {
		const drawing = { ...there() };
		for (const path of Object.keys(drawing)) {
			if (path.endsWith('/') && Object.keys(drawing).some((other) => other !== path && other.startsWith(path)))
				delete drawing[path];
		}
		return drawing;
	};

	test('rules that come from another device hold before anything else comes', async () => {
		await begin({});
		await upToDate(0);
		device.server.write('junk.tmp', '1');
		device.server.write(RULES, '*.tmp');
		device.server.write('plan', '2');
		await upToDate(0);
		expect(here()).toEqual({ [RULES]: '*.tmp', plan: '2' });
	});

	test('S4: a folder that was deleted elsewhere stays for what is ignored in it, and does not come back', async () => {
		await begin({ [RULES]: 'node_modules/', 'app/src/x': '1', 'app/src/node_modules/y': '2', 'app/z': '3' });
		await upToDate(1);
		device.server.deleteAt('app');
		await upToDate(1);
		expect(here()).toEqual({ [RULES]: 'node_modules/', 'app/src/node_modules/y': '2' });
		expect(there()).toEqual({ [RULES]: 'node_modules/' });
		await device.stop();
		device.loseState();
		await device.start();
		await upToDate(1);
		expect(there()).toEqual({ [RULES]: 'node_modules/' });
		device.at.draw({ 'app/new': '4' });
		await upToDate(1);
		expect(there()).toEqual({ [RULES]: 'node_modules/', 'app/': '', 'app/new': '4' });
	});

	test('S11: a lost database finds folders again in which only ignored things are left', async () => {
		await begin({ [RULES]: 'node_modules/', 'app/node_modules/y': '2', 'app/z': '3' });
		await upToDate(1);
		fs.rmSync(device.at.path('app/z'));
		await upToDate(1);
		await device.stop();
		device.loseState();
		await device.start();
		await upToDate(1);
		expect(there()).toEqual({ [RULES]: 'node_modules/', 'app/': '' });
	});

	test('what moves out of an ignored folder is new', async () => {
		await begin({ [RULES]: 'build/', 'build/x': '1' });
		await upToDate(1);
		fs.renameSync(device.at.path('build/x'), device.at.path('x'));
		await upToDate(1);
		expect(there()).toEqual({ [RULES]: 'build/', x: '1' });
	});

	test('S4: what another device moves to where this one has nothing goes here, and stays there', async () => {
		await begin({ [RULES]: 'build/', x: '1' });
		await upToDate(0);
		device.server.put({ id: 'd'.repeat(32) as never, name: 'build', kind: 'folder' });
		device.server.move('x', 'build/x');
		await upToDate(0);
		expect(here()).toEqual({ [RULES]: 'build/' });
		expect(there()).toMatchObject({ 'build/x': '1' });
	});

	test('S4: what another device moves to where something ignored is goes here, and what is ignored stays', async () => {
		await begin({ [RULES]: '*.tmp', x: '1', 'y/z': '2', 'x.tmp': 'mine', 'y.tmp': 'mine, too' });
		await upToDate(2);
		device.server.move('x', 'x.tmp');
		device.server.move('y', 'y.tmp');
		await upToDate(2);
		expect(here()).toEqual({ [RULES]: '*.tmp', 'x.tmp': 'mine', 'y.tmp': 'mine, too' });
		const moved = { 'x.tmp': '1', 'y.tmp/': '', 'y.tmp/z': '2' };
		expect(there()).toEqual({ [RULES]: '*.tmp', ...moved });
		await device.stop();
		await device.start();
		await upToDate(2);
		expect(there()).toEqual({ [RULES]: '*.tmp', ...moved });
	});

	test('P5: …and what was just written to it is sent first', async () => {
		await begin({ [RULES]: '*.tmp', x: '1', 'y/z': '2', 'x.tmp': 'mine', 'y.tmp': 'mine, too' });
		await upToDate(2);
		device.server.move('x', 'x.tmp');
		device.server.move('y', 'y.tmp');
		device.at.draw({ x: 'changed', 'y/new': '3' });
		await upToDate(2);
		expect(here()).toEqual({ [RULES]: '*.tmp', 'x.tmp': 'mine', 'y.tmp': 'mine, too' });
		expect(there()).toEqual({ [RULES]: '*.tmp', 'x.tmp': 'changed', 'y.tmp/': '', 'y.tmp/new': '3', 'y.tmp/z': '2' });
	});

	test('what another device moves to an ignored name that is free here follows, and is left there', async () => {
		await begin({ [RULES]: '*.tmp', x: '1' });
		await upToDate(0);
		device.server.move('x', 'x.tmp');
		await upToDate(1);
		expect(here()).toEqual({ [RULES]: '*.tmp', 'x.tmp': '1' });
		expect(there()).toEqual({ [RULES]: '*.tmp', 'x.tmp': '1' });
	});

	test('a folder that comes to where one was left behind becomes one with it', async () => {
		await begin({ [RULES]: 'node_modules/', 'app/node_modules/y': '2' });
		await upToDate(1);
		expect(there()).toEqual({ [RULES]: 'node_modules/' });
		device.server.put({ id: 'd'.repeat(32) as never, name: 'app', kind: 'folder' });
		device.server.write('app/x', '1');
		await upToDate(1);
		expect(here()).toEqual({ [RULES]: 'node_modules/', 'app/node_modules/y': '2', 'app/x': '1' });
	});

	test('S1 S18: a conflicted copy of what is kept is kept, whatever the rules say to its own name', async () => {
		await begin({ [RULES]: '*\n!plan.txt', 'plan.txt': '1', junk: '2' });
		await upToDate(1);
		for (const version of ['1', '2']) {
			device.server.write('plan.txt', `theirs ${version}`);
			device.at.draw({ 'plan.txt': `mine ${version}` });
			await upToDate(1);
			expect(Object.values(there())).toContain(`mine ${version}`);
		}
		expect(Object.values(here()).sort()).toEqual(['*\n!plan.txt', '2', 'mine 1', 'mine 2', 'theirs 2']);
	});

	describe('rules that cannot be read', () => {
		const problem = async (reason: string) =>
			expect(await device.settled()).toMatchObject({ state: 'problem', problems: [{ path: RULES, reason }] });

		test.each([
			[
				'a folder',
				() => device.at.draw({ [`${RULES}/`]: '' }),
				'Rules are read from a plain file, and this is something else.',
			],
			[
				'a link',
				() => device.at.draw({ [RULES]: '→ elsewhere' }),
				'Rules are read from a plain file, and this is something else.',
			],
			['not UTF-8', () => fs.writeFileSync(device.at.path(RULES), Buffer.from([0x61, 0xff])), 'It is not valid UTF-8.'],
			['too long', () => fs.writeFileSync(device.at.path(RULES), '#'.repeat(300_000)), 'It is longer than 256 kB.'],
		])('%s: the last known ones stay in force', async (_, spoil, reason) => {
			await begin({ [RULES]: 'secret', secret: '1' });
			await upToDate(1);
			fs.rmSync(device.at.path(RULES));
			spoil();
			await problem(reason);
			await device.stop();
			await device.start();
			await problem(reason);
			expect(Object.keys(there())).not.toContain('secret');
			fs.rmSync(device.at.path(RULES), { recursive: true });
			device.at.draw({ [RULES]: 'other' });
			await upToDate(0);
			expect(there()).toEqual({ [RULES]: 'other', secret: '1' });
		});

		test('S18: a folder that is renamed, as the status says, takes them along', async () => {
			await begin({ [RULES]: '*' });
			await upToDate(0);
			fs.rmSync(device.at.path(RULES));
			device.at.draw({ [`${RULES}/`]: '' });
			await problem('Rules are read from a plain file, and this is something else.');
			device.server.write(`${RULES}/there`, '1');
			await device.settled();
			fs.renameSync(device.at.path(RULES), device.at.path('rules'));
			await upToDate(0);
			expect(here()).toEqual({ 'rules/there': '1' });
			expect(there()).toEqual({ 'rules/': '', 'rules/there': '1' });
		});

		test('no permission', async () => {
			await begin({ [RULES]: 'secret', secret: '1' });
			await upToDate(1);
			fs.chmodSync(device.at.path(RULES), 0o644);
			device.at.draw({ [RULES]: 'secret\nmore' });
			await device.stop();
			device.disk = failing(thisMachine.fs, 'openRead', 'EACCES', ([path]) => String(path).endsWith(RULES));
			await device.start();
			const { problems } = await device.settled();
			expect(problems).toContainEqual(
				expect.objectContaining({ path: RULES, reason: 'It cannot be read (permission denied).' }),
			);
			expect(Object.keys(there())).not.toContain('secret');
		});
	});
});
