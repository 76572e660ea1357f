import type { ContentHash, Mtime, Name, NodeId } from '@mydropbox/protocol';
import { isEmpty, MemoryTree, type Plan, plan, type Version } from '../src/index.ts';
import { carryOut, isExcluded, ROOT, type World } from './support/model.ts';

/** Paths with texts; a path that ends in a slash is a folder. The id of a node is written before it: "id path". */
type Drawing = Readonly<Record<string, string>>;

function draw(drawing: Drawing): MemoryTree {
	const tree = new MemoryTree();
	const ids = new Map<string, NodeId>([['', ROOT]]);
	for (const [key, text] of Object.entries(drawing)) {
		const [id, path] = [key.slice(0, key.indexOf(' ')) as NodeId, key.slice(key.indexOf(' ') + 1)];
		const names = path.split('/').filter((name) => name !== '');
		const parent = ids.get(names.slice(0, -1).join('/'))!;
		const name = names.at(-1) as Name;
		const version: Version = path.endsWith('/')
			? { kind: 'folder' }
			: { kind: 'file', content: text as ContentHash, size: text.length, mtime: '0' as Mtime, exec: false };
		ids.set(names.join('/'), id);
		tree.set({ id, parent, name, version });
	}
	return tree;
}

/** Without ids. */
function picture(tree: MemoryTree, folder: NodeId = ROOT, prefix = ''): Record<string, string> {
	const drawing: Record<string, string> = {};
	for (const { id, name, version } of tree.children(folder)) {
		if (version.kind === 'folder') drawing[`${prefix}${name}/`] = '';
		else drawing[prefix + name] = version.kind === 'file' ? version.content! : version.target;
		Object.assign(drawing, picture(tree, id, `${prefix}${name}/`));
	}
	return drawing;
}

const signature = { device: 'laptop', date: '2026-11-21' };
const rest = { isMissing: () => false, blocked: new Set<NodeId>(), signature };
function settle(trees: { synced?: Drawing; local: Drawing; remote: Drawing; deselected?: NodeId[] }) {
	let fresh = 0;
	const world: World = {
		synced: draw(trees.synced ?? {}),
		local: draw(trees.local),
		remote: draw(trees.remote),
		unread: new Map(),
		deselected: new Set(trees.deselected),
		unwanted: new Set(),
		looked: new Set(),
		fresh: () => `fresh${fresh++}` as NodeId,
	};
	const plans: Plan[] = [];
	for (;;) {
		const all = [world.synced, world.local, world.remote].flatMap((tree) => [...tree.all()].map(({ id }) => id));
		const excluded = (id: NodeId) => isExcluded(world, id);
		const next = plan({ ...world, root: ROOT, dirty: new Set(all), isExcluded: excluded, ...rest });
		if (isEmpty(next)) break;
		plans.push(next);
		carryOut(world, next, (list) => [...list]);
	}
	const kept = [...world.remote.all()].filter(({ id }) => !isExcluded(world, id));
	expect(picture(world.local)).toEqual(picture(new MemoryTree(kept)));
	const operations = (side: 'local' | 'remote') => plans.flatMap((one) => one[side].flat().map(({ type }) => type));
	const here = picture(world.local);
	return { tree: picture(world.remote), here, local: operations('local'), remote: operations('remote') };
}
const copyOf = (stem: string, extension = '', number = '') =>
	`${stem} (conflicted copy, laptop, 2026-11-21${number})${extension}`;

describe('planner, by example', () => {
	test('a change on one side travels to the other', () => {
		const base = { 'a plan.txt': 'one' };
		expect(settle({ synced: base, local: { 'a plan.txt': 'two' }, remote: base })).toMatchObject({
			tree: { 'plan.txt': 'two' },
			local: [],
			remote: ['put'],
		});
		expect(settle({ synced: base, local: base, remote: {} })).toMatchObject({
			tree: {},
			local: ['delete'],
			remote: [],
		});
	});

	test('P5: two edits end as two files, and the committed one keeps the name', () => {
		const { tree } = settle({
			synced: { 'a plan.txt': 'one' },
			local: { 'a plan.txt': 'mine' },
			remote: { 'a plan.txt': 'theirs' },
		});
		expect(tree).toEqual({ 'plan.txt': 'theirs', [copyOf('plan', '.txt')]: 'mine' });
	});

	test('a second conflict on the same day gets a number, and the same content no second copy', () => {
		const base = { 'a plan': 'one', [`b ${copyOf('plan')}`]: 'earlier' };
		const remote = { ...base, 'a plan': 'theirs' };
		expect(settle({ synced: base, local: { ...base, 'a plan': 'mine' }, remote }).tree).toEqual({
			plan: 'theirs',
			[copyOf('plan')]: 'earlier',
			[copyOf('plan', '', ' 2')]: 'mine',
		});
		expect(settle({ synced: base, local: { ...base, 'a plan': 'earlier' }, remote }).tree).toEqual({
			plan: 'theirs',
			[copyOf('plan')]: 'earlier',
		});
	});

	test('P5: a copy that is about to go is no copy', () => {
		const copy = `b ${copyOf('plan')}`;
		const synced = { 'a plan': 'one', [copy]: 'mine' };
		const local = { 'a plan': 'mine', [copy]: 'mine' };
		const kept = { plan: 'theirs', [copyOf('plan', '', ' 2')]: 'mine' };
		expect(settle({ synced, local, remote: { 'a plan': 'theirs' } }).tree).toEqual(kept);
		const trees = { synced: draw(synced), local: draw(local), remote: draw({ ...synced, 'a plan': 'theirs' }) };
		const isMissing = (id: NodeId) => id === 'b';
		const next = plan({ ...trees, ...rest, root: ROOT, dirty: ['a' as NodeId], isExcluded: () => false, isMissing });
		expect(next.local.flat()).toMatchObject([{ type: 'write', displaced: { name: copyOf('plan', '', ' 2') } }]);
	});

	test('P8: the same new file on both sides is one file and no operation', () => {
		const result = settle({ local: { 'a plan': 'same' }, remote: { 'b plan': 'same' } });
		expect(result).toMatchObject({ tree: { plan: 'same' }, local: [], remote: [] });
	});

	test('S3: a folder that was deleted and made anew elsewhere, and is wanted here, brings nothing back', () => {
		const synced = { 'a box/': '', 'b box/old': '1' };
		const { tree } = settle({ synced, local: { ...synced, 'c box/new': '2' }, remote: { 'd box/': '' } });
		expect(tree).toEqual({ 'box/': '', 'box/new': '2' });
	});

	test('P8: folders of one name become one, with what is in both', () => {
		const { tree } = settle({
			local: { 'a box/': '', 'b box/mine': '1' },
			remote: { 'c box/': '', 'd box/theirs': '2' },
		});
		expect(tree).toEqual({ 'box/': '', 'box/mine': '1', 'box/theirs': '2' });
	});

	test('a file and a folder of one name stay both', () => {
		const { tree } = settle({ local: { 'a box/': '', 'b box/mine': '1' }, remote: { 'c box': 'file' } });
		expect(tree).toEqual({ box: 'file', [`${copyOf('box')}/`]: '', [`${copyOf('box')}/mine`]: '1' });
	});

	test('an edit beats a delete, and rescues the folders above it', () => {
		const base = { 'a box/': '', 'b box/in/': '', 'c box/in/file': 'one', 'd box/other': 'x' };
		const edited = { ...base, 'c box/in/file': 'two' };
		const rescued = { 'box/': '', 'box/in/': '', 'box/in/file': 'two' };
		expect(settle({ synced: base, local: edited, remote: {} }).tree).toEqual(rescued);
		expect(settle({ synced: base, local: {}, remote: edited }).tree).toEqual(rescued);
	});

	test('S6: what was moved here and deleted there is sent again, and no copy is left if a third one has written to it first', () => {
		const [synced, local] = [{ 'f old': 'text' }, { 'f new': 'text' }];
		const trees = { synced: draw(synced), local: draw(local), remote: draw({}) };
		const next = plan({ ...trees, ...rest, root: ROOT, dirty: ['f' as NodeId], isExcluded: () => false });
		expect(next).toMatchObject({ state: [], remote: [[{ type: 'put', id: 'f' }]] });
		// What was agreed on is not forgotten until the server has taken it.
		expect(settle({ synced, local, remote: { 'f other': 'written to' } }).tree).toEqual({ other: 'written to' });
	});

	test('P7: a folder that was moved is one operation', () => {
		const base = { 'a box/': '', 'b box/one': '1', 'c box/two': '2' };
		const moved = { 'a crate/': '', 'b crate/one': '1', 'c crate/two': '2' };
		expect(settle({ synced: base, local: moved, remote: base })).toMatchObject({ local: [], remote: ['move'] });
		expect(settle({ synced: base, local: base, remote: moved })).toMatchObject({ local: ['move'], remote: [] });
	});

	test('P6: names that were exchanged go over a name that means nothing', () => {
		const base = { 'a one': '1', 'b two': '2' };
		const swapped = { 'a two': '1', 'b one': '2' };
		for (const [local, remote] of [
			[swapped, base],
			[base, swapped],
		] as const) {
			expect(settle({ synced: base, local, remote }).tree).toEqual({ two: '1', one: '2' });
		}
	});

	test('P6: a folder that was wrapped into a new one of its own name', () => {
		const base = { 'a box/': '', 'b box/leaf': '1' };
		const wrapped = { 'n box/': '', 'a box/box/': '', 'b box/box/leaf': '1' };
		const tree = { 'box/': '', 'box/box/': '', 'box/box/leaf': '1' };
		expect(settle({ synced: base, local: wrapped, remote: base }).tree).toEqual(tree);
		expect(settle({ synced: base, local: base, remote: wrapped }).tree).toEqual(tree);
	});

	test('P6: of two moves that would put folders into each other, the server’s stands', () => {
		const { tree } = settle({
			synced: { 'a one/': '', 'b two/': '' },
			local: { 'b two/': '', 'a two/one/': '' },
			remote: { 'a one/': '', 'b one/two/': '' },
		});
		expect(tree).toEqual({ 'one/': '', 'one/two/': '' });
	});

	test('P6 S18: what undoes one circle may close another, which is undone too', () => {
		const { tree } = settle({
			synced: { 'y y/': '', 'p y/p/': '', 'x x/': '', 'd x/d/': '' },
			// Here, p went into d and y into x…
			local: { 'x x/': '', 'd x/d/': '', 'p x/d/p/': '', 'y x/y/': '' },
			// …and there, x went into p: with p in d it is in itself, and with p back in y, y is.
			remote: { 'y y/': '', 'p y/p/': '', 'x y/p/x/': '', 'd y/p/x/d/': '' },
		});
		expect(tree).toEqual({ 'y/': '', 'y/p/': '', 'y/p/x/': '', 'y/p/x/d/': '' });
	});

	test('P6 S18: a folder that a move is undone into survives', () => {
		const { tree } = settle({
			synced: { 'y y/': '', 'p y/p/': '', 'x x/': '', 'd x/d/': '' },
			local: { 'x x/': '', 'd x/d/': '', 'p x/d/p/': '' },
			remote: { 'y y/': '', 'p y/p/': '', 'x y/p/x/': '', 'd y/p/x/d/': '' },
		});
		expect(tree).toEqual({ 'y/': '', 'y/p/': '', 'y/p/x/': '', 'y/p/x/d/': '' });
	});

	test('of two moves of one file, the server’s stands', () => {
		const base = { 'a plan': '1' };
		expect(settle({ synced: base, local: { 'a mine': '1' }, remote: { 'a theirs': '1' } }).tree).toEqual({
			theirs: '1',
		});
	});

	test('S3: where the server wants a file is agreed on once it is there, and where it makes room is not', () => {
		const next = (local: Drawing, remote: Drawing) => {
			const synced = draw({ 'a old': '1', 'b other': '2' });
			const dirty = ['a', 'b', 'c'] as NodeId[];
			const sides = { local: draw(local), remote: draw(remote) };
			return plan({ root: ROOT, synced, ...sides, dirty, isExcluded: () => false, ...rest }).local.flat();
		};
		const moves = next({ 'a old': '1', 'b other': '2' }, { 'a other': '1', 'b old': '2' });
		expect(moves.map((move) => 'aside' in move)).toEqual([false, false, false]);
		const [aside] = next({ 'a new': '1', 'b other': '2' }, { 'a old': '1', 'b new': '2' });
		expect(aside).toMatchObject({ type: 'move', id: 'a', place: { name: copyOf('new') }, aside: true });
	});

	test('S5: a folder that makes room in one that is moved, too, is where its person put it, under another name', () => {
		const { tree } = settle({
			synced: { 'a n/': '', 'b p/': '', 'c f/': '', 'd f/file': '1' },
			local: { 'a n/': '', 'b p/': '', 'c p/x/': '', 'd p/x/file': '1' },
			remote: { 'b n/': '', 'a n/x/': '', 'c f/': '', 'd f/file': '1' },
		});
		expect(tree).toEqual({ 'n/': '', 'n/x/': '', [`n/${copyOf('x')}/`]: '', [`n/${copyOf('x')}/file`]: '1' });
	});

	test('a move on one side and an edit on the other are no conflict', () => {
		const { tree } = settle({ synced: { 'a plan': '1' }, local: { 'a moved': '1' }, remote: { 'a plan': '2' } });
		expect(tree).toEqual({ moved: '2' });
	});

	describe('excluded', () => {
		const base = { 'a box/': '', 'b box/leaf': '1' };
		const box = { 'box/': '', 'box/leaf': '1' };
		const deselected = ['a' as NodeId];

		test('what is in step goes here, and nothing is said to the server', () => {
			const result = settle({ synced: base, local: base, remote: base, deselected });
			expect(result).toEqual({ tree: box, here: {}, local: ['evict', 'evict'], remote: [] });
		});

		test('P5: what the server lacks is sent first', () => {
			const local = { ...base, 'b box/leaf': '2', 'c box/new': '3' };
			expect(settle({ synced: base, local, remote: base, deselected })).toMatchObject({
				tree: { 'box/': '', 'box/leaf': '2', 'box/new': '3' },
				here: {},
				remote: ['put', 'put'],
			});
		});

		test('S4: what is gone here is no delete, and what is new there does not come', () => {
			const remote = { ...base, 'c box/theirs': '2' };
			expect(settle({ synced: base, local: {}, remote, deselected })).toEqual({
				tree: { ...box, 'box/theirs': '2' },
				here: {},
				local: [],
				remote: [],
			});
		});

		test('a new thing of the same name is another one', () => {
			const local = { 'n box/': '', 'm box/mine': '2' };
			const mine = { [`${copyOf('box')}/`]: '', [`${copyOf('box')}/mine`]: '2' };
			expect(settle({ local, remote: base, deselected })).toMatchObject({ tree: { ...box, ...mine }, here: mine });
		});

		test('S4: a folder that was deleted here stays while something excluded is in it', () => {
			const { tree, here } = settle({ synced: { 'a box/': '' }, local: {}, remote: base, deselected: ['b' as NodeId] });
			expect([tree, here]).toEqual([box, { 'box/': '' }]);
		});

		test('P1: of two moves that would put folders into each other, the server’s stands here, too', () => {
			const result = settle({
				synced: { 'a one/': '', 'b two/': '' },
				local: { 'b two/': '', 'a two/one/': '' },
				remote: { 'a one/': '', 'b one/two/': '' },
				deselected,
			});
			expect(result).toMatchObject({ tree: { 'one/': '', 'one/two/': '' }, here: {} });
		});

		test('what was moved out of it comes', () => {
			const remote = { 'a box/': '', 'b leaf': '1' };
			expect(settle({ local: {}, remote, deselected }).here).toEqual({ leaf: '1' });
		});
	});

	test('S4: what was not found when it was looked for last is not agreed on', () => {
		const base = draw({ 'a plan': '1' });
		const dirty = ['a' as NodeId];
		const trees = { root: ROOT, local: base, remote: base, synced: new MemoryTree() };
		const next = (isMissing: boolean) =>
			plan({ ...trees, dirty, isExcluded: () => false, ...rest, isMissing: () => isMissing }).state;
		expect([next(true), next(false)]).toEqual([[], [{ type: 'agree', id: 'a' }]]);
	});

	test('S3: of what nobody knows whether it is gone, what was agreed on stays, whatever the server says meanwhile', () => {
		const synced = draw({ 'a plan': '1' });
		const trees = { root: ROOT, local: new MemoryTree(), synced, dirty: ['a' as NodeId] };
		const next = (remote: MemoryTree, isMissing: boolean) =>
			plan({ ...trees, remote, isExcluded: () => false, ...rest, isMissing: () => isMissing }).state;
		const edited = draw({ 'a plan': '2' });
		expect([next(edited, true), next(edited, false)]).toEqual([[], [{ type: 'revive', id: 'a' }]]);
		const deleted = new MemoryTree();
		expect([next(deleted, true), next(deleted, false)]).toEqual([[], [{ type: 'forget', id: 'a' }]]);
	});

	test('what is blocked does not stop what has nothing to do with it', () => {
		const local = draw({ 'a one': '1', 'b two': '2' });
		const next = plan({
			root: ROOT,
			local,
			remote: new MemoryTree(),
			synced: new MemoryTree(),
			dirty: ['a' as NodeId, 'b' as NodeId],
			isExcluded: () => false,
			...{ ...rest, blocked: new Set(['a' as NodeId]) },
		});
		expect(next.remote.flat().map(({ id }) => id)).toEqual(['b']);
	});

	test('a new folder with more in it than a function takes arguments', () => {
		const files = Array.from({ length: 150_000 }, (_, number) => [`n${number} box/${number}`, '1']);
		const remote = draw({ 'b box/': '', ...Object.fromEntries(files) });
		const next = plan({
			...{ ...rest, root: ROOT, remote, local: new MemoryTree(), synced: new MemoryTree() },
			dirty: [...remote.all()].map(({ id }) => id),
			isExcluded: () => false,
		});
		expect(next.local.map((batch) => batch.length)).toEqual([1, files.length]);
	});

	test.each([
		['makes room', {}, { 'a plan': 'mine' }, {}, { name: copyOf('plan'), aside: true }],
		['was deleted', { 'a plan': 'old' }, { 'a plan': 'old' }, {}, { name: null }],
		['was renamed', { 'a plan': 'old' }, { 'a plan': 'old' }, { 'a old plan': 'old' }, { name: 'old plan' }],
	])('S7: a file that %s has its name until the new one comes', (_, synced, local, remote, leaves) => {
		const trees = { synced: draw(synced), local: draw(local), remote: draw({ ...remote, 'b plan': 'theirs' }) };
		const next = (blocked: NodeId[]) =>
			plan({
				...{ ...trees, root: ROOT, dirty: ['a' as NodeId, 'b' as NodeId], isExcluded: () => false },
				...{ ...rest, blocked: new Set(blocked) },
			});
		const blocked = next(['b' as NodeId]);
		expect([isEmpty(blocked), blocked.waiting]).toEqual([true, ['a']]);
		const write = { type: 'write', id: 'b', place: { parent: ROOT, name: 'plan' }, displaced: { id: 'a', ...leaves } };
		expect(next([]).local).toEqual([[{ ...write, version: trees.remote.get('b' as NodeId)!.version }]]);
	});

	test('S4: what the last look has missed is not sent as something new', () => {
		const trees = {
			synced: new MemoryTree(),
			local: draw({ 'a plan': 'mine', 'b list': 'mine' }),
			remote: new MemoryTree(),
		};
		const next = plan({
			...{ ...trees, ...rest, root: ROOT, dirty: ['a' as NodeId, 'b' as NodeId], isExcluded: () => false },
			isMissing: (id) => id === 'a',
		});
		expect(next.remote.flat()).toMatchObject([{ type: 'put', id: 'b' }]);
		expect(next.waiting).toEqual(['a']);
	});

	test('P3: what leaves its name for one that is not free yet, or for another spelling, leaves before the new one comes', () => {
		const synced = { 'a plan': '1', 'b next': '2' };
		const remote = { 'a next': '1', 'b last': '2', 'c plan': '3' };
		const chain = settle({ synced, local: synced, remote });
		expect(chain.tree).toEqual({ next: '1', last: '2', plan: '3' });
		const respelled = settle({
			synced: { 'a plan': '1' },
			local: { 'a plan': '1' },
			remote: { 'a Plan': '1', 'c plan': '3' },
		});
		expect(respelled).toMatchObject({ tree: { Plan: '1', plan: '3' }, local: ['move', 'write'] });
	});
});

test('P5: the copy of a conflicted copy whose name is as long as names get is not taken for the one that is there', () => {
	const stem = (suffix: string) => 'x'.repeat(255 - suffix.length) + suffix;
	const [copy, second] = [stem(copyOf('')), stem(copyOf('', '', ' 2'))];
	const { tree } = settle({
		synced: { [`a ${copy}`]: 'old' },
		local: { [`a ${copy}`]: 'mine' },
		remote: { [`a ${copy}`]: 'theirs' },
	});
	expect(tree).toEqual({ [copy]: 'theirs', [second]: 'mine' });
});
