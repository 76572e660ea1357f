import type { ContentHash, Mtime, Name, NodeId } from '@mydropbox/protocol';
import { type DirtyNodes, MemoryTree, type Plan, type TreeNode, Window } from '../src/index.ts';

const ROOT = 'root' as NodeId;
const none: ReadonlySet<NodeId> = new Set();
const EMPTY: Plan = { state: [], reads: [], remote: [], local: [], atRest: [], waiting: [] };

const file = (id: string, parent: NodeId = ROOT, name = id): TreeNode => ({
	id: id as NodeId,
	parent,
	name: name as Name,
	version: { kind: 'file', content: 'c' as ContentHash, size: 10, mtime: '1' as Mtime, exec: false },
});
const folder = (id: string): TreeNode => ({ ...file(id), version: { kind: 'folder' } });

/** A window of two newcomers on trees that hold these nodes, all of them dirty and touched once. */
function windowOn(local: TreeNode[], remote: TreeNode[] = [], synced: TreeNode[] = []) {
	const trees = { root: ROOT, local: new MemoryTree(local), remote: new MemoryTree(remote) };
	const ids = new Set([...local, ...remote, ...synced].map(({ id }) => id));
	let touched = [...ids];
	const takeTouched = () => touched.splice(0);
	const dirty: DirtyNodes & Set<NodeId> = Object.assign(ids, { takeTouched });
	const window = new Window({ ...trees, synced: new MemoryTree(synced) }, 2, ({ name }) => name === 'urgent');
	const touch = (...more: string[]) => {
		touched = more as NodeId[];
	};
	return { window, dirty, touch };
}

test('some newcomers have their turn, the others wait, with their sizes', () => {
	const { window, dirty } = windowOn(['a', 'b', 'c', 'd'].map((id) => file(id)));
	expect([...window.choose(dirty, none)]).toEqual(['a', 'b']);
	expect([...window.deferred]).toEqual([
		['c', 10],
		['d', 10],
	]);
	for (const id of ['a', 'b'] as NodeId[]) dirty.delete(id);
	expect([...window.choose(dirty, none)]).toEqual(['c', 'd']);
	expect(window.deferred.size).toBe(0);
});

test('what has a past never waits, nor does what is urgent; what is blocked takes nobody’s place', () => {
	const newcomers = [file('a'), file('b'), file('c'), file('u', ROOT, 'urgent')];
	const { window, dirty } = windowOn([...newcomers, file('edited')], [file('moved')], [file('edited'), file('gone')]);
	const near = [...window.choose(dirty, new Set(['a' as NodeId]))];
	expect(near.sort()).toEqual(['a', 'b', 'c', 'edited', 'gone', 'u']);
	expect([...window.deferred.keys()]).toEqual(['moved']);
});

test('with a node come the newcomers that it is in, and the one at its place on the other side', () => {
	const here = [file('x'), file('y'), folder('box'), file('in', 'box' as NodeId)];
	const { window, dirty, touch } = windowOn(here, [file('other', ROOT, 'x')]);
	expect([...window.choose(dirty, none)]).toEqual(['x', 'y', 'other']);
	for (const id of ['x', 'y', 'other'] as NodeId[]) dirty.delete(id);
	dirty.add('in' as NodeId);
	touch('in');
	expect(new Set(window.choose(dirty, none))).toEqual(new Set(dirty));
});

test('newcomers that are announced are not looked at', () => {
	const nodes = ['a', 'b', 'c', 'd', 'e'].map((id) => file(id));
	const { window, dirty } = windowOn(nodes.slice(0, 2));
	for (const { id } of nodes) dirty.add(id);
	window.expect(new Map(nodes.slice(2).map(({ id }) => [id, 1])));
	expect([...window.choose(dirty, none)]).toEqual(['a', 'b']);
	expect([...window.deferred.keys()]).toEqual(['c', 'd', 'e']);
});

test('a plan starves when most of what it is about waits, while others could go on', () => {
	const { window, dirty } = windowOn(['a', 'b', 'c'].map((id) => file(id)));
	window.choose(dirty, none);
	expect(window.starves(EMPTY)).toBe(true);
	expect(window.starves({ ...EMPTY, reads: ['a' as NodeId] })).toBe(false);
	expect(window.starves({ ...EMPTY, state: [{ type: 'agree', id: 'a' as NodeId }] })).toBe(false);
	expect(new Set(window.everything(dirty))).toEqual(new Set(dirty));
	expect(window.starves(EMPTY)).toBe(false);
});
