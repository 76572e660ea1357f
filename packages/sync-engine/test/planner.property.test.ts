import type { NodeId } from '@mydropbox/protocol';
import fc from 'fast-check';
import { isEmpty, MemoryTree, plan, sameNode, type TreeNode, type Version } from '../src/index.ts';
import { applyEdits, carryOut, type Edit, edits, ROOT, type World } from './support/model.ts';

const signature = { device: 'laptop', date: '2026-11-21' };
const none: ReadonlySet<NodeId> = new Set();

const copy = (tree: MemoryTree): MemoryTree => new MemoryTree(tree.all());
const allIds = ({ remote, local, synced }: World): Set<NodeId> =>
	new Set([remote, local, synced].flatMap((tree) => [...tree.all()].map(({ id }) => id)));

function makeWorld(start: Edit[], mine: Edit[], theirs: Edit[], hide: boolean): World {
	const synced = new MemoryTree();
	applyEdits(synced, start, 's');
	const local = copy(synced);
	applyEdits(local, mine, 'l');
	const remote = copy(synced);
	applyEdits(remote, theirs, 'r');
	let counter = 0;
	const world: World = { synced, local, remote, unread: new Map(), fresh: () => `f${counter++}` as NodeId };
	if (hide) {
		for (const node of [...local.all()]) {
			if (node.version.kind !== 'file' || sameNode(node, synced.get(node.id))) continue;
			world.unread.set(node.id, node.version);
			local.set({ ...node, version: { ...node.version, content: null } });
		}
	}
	return world;
}

function settle(world: World, shuffle: <T>(list: readonly T[]) => T[]): number {
	const bound = Math.min(200, 4 * (allIds(world).size + 2));
	for (let round = 1; ; round++) {
		const next = plan({ ...world, root: ROOT, dirty: allIds(world), blocked: none, signature });
		if (isEmpty(next)) {
			expect(next.waiting).toEqual([]);
			return round;
		}
		if (round > bound) throw new Error(`still going after ${round} rounds: ${JSON.stringify(next)}`);
		carryOut(world, next, shuffle);
	}
}

const seeded = (seed: number) => {
	let x = seed | 1;
	return <T>(list: readonly T[]): T[] => {
		const result = [...list];
		for (let i = result.length - 1; i > 0; i--) {
			x = (Math.imul(x, 1103515245) + 12345) >>> 0;
			const j = x % (i + 1);
			[result[i], result[j]] = [result[j]!, result[i]!];
		}
		return result;
	};
};
const shape = (tree: MemoryTree): string[] => [...tree.all()].map((node) => JSON.stringify(node)).sort();
const contents = (nodes: Iterable<TreeNode>): Set<string> =>
	new Set([...nodes].flatMap(({ version }) => contentOf(version) ?? []));
const contentOf = (version: Version): string | undefined =>
	version.kind === 'file' ? version.content! : version.kind === 'symlink' ? version.target : undefined;

const runs = { numRuns: Number(process.env.MYDROPBOX_PROPERTY_RUNS ?? 3000) };
const scenario = [edits(15), edits(10), edits(10), fc.boolean(), fc.integer()] as const;

describe('planner', () => {
	test('P1 P3 P6: it terminates, all three trees are equal, and a tree at every step', () => {
		fc.assert(
			fc.property(...scenario, (start, mine, theirs, hide, seed) => {
				const world = makeWorld(start, mine, theirs, hide);
				settle(world, seeded(seed));
				expect(shape(world.local)).toEqual(shape(world.remote));
				expect(shape(world.local)).toEqual(shape(world.synced));
			}),
			runs,
		);
	});

	test('P2: the order inside a batch does not matter', () => {
		fc.assert(
			fc.property(...scenario, (start, mine, theirs, hide, seed) => {
				const one = makeWorld(start, mine, theirs, hide);
				const other = makeWorld(start, mine, theirs, hide);
				settle(one, seeded(seed));
				settle(other, (list) => [...list]);
				const paths = (world: World) => shape(world.remote).map((line) => line.replaceAll(/"f\d+"/g, '"fresh"'));
				expect(paths(one).sort()).toEqual(paths(other).sort());
			}),
			runs,
		);
	});

	test('P5: what was added or edited on either side is in the final tree', () => {
		fc.assert(
			fc.property(...scenario, (start, mine, theirs, hide, seed) => {
				const world = makeWorld(start, mine, theirs, hide);
				const fresh = [world.local, world.remote].flatMap((tree) =>
					[...tree.all()]
						.map((node) => ({ ...node, version: world.unread.get(node.id) ?? node.version }))
						.filter(
							(node) => contentOf(node.version) !== contentOf(world.synced.get(node.id)?.version ?? { kind: 'folder' }),
						),
				);
				settle(world, seeded(seed));
				const final = contents(world.remote.all());
				for (const content of contents(fresh)) expect(final).toContain(content);
			}),
			runs,
		);
	});

	test('P8: the same changes on both sides need no operation', () => {
		fc.assert(
			fc.property(edits(15), edits(10), (start, both) => {
				const world = makeWorld(start, both, [], false);
				world.remote = copy(world.local);
				for (let next; ; carryOut(world, next, (list) => [...list])) {
					next = plan({ ...world, root: ROOT, dirty: allIds(world), blocked: none, signature });
					expect([next.remote, next.local]).toEqual([[], []]);
					if (isEmpty(next)) break;
				}
			}),
			runs,
		);
	});

	test('S11: without any memory of what was synced, nothing is deleted', () => {
		fc.assert(
			fc.property(...scenario, (start, mine, theirs, hide, seed) => {
				const world = makeWorld(start, mine, theirs, hide);
				world.synced = new MemoryTree();
				const before = new Set([...contents(world.local.all()), ...contents(world.remote.all())]);
				before.delete(null as never);
				for (const version of world.unread.values()) before.add(contentOf(version)!);
				settle(world, (list) => {
					for (const op of list as readonly { type?: string }[]) expect(op.type).not.toBe('delete');
					return seeded(seed)(list);
				});
				for (const content of before) expect(contents(world.remote.all())).toContain(content);
			}),
			runs,
		);
	});
});
