import type { NodeId } from '@mydropbox/protocol';
import fc from 'fast-check';
import { isEmpty, MemoryTree, plan, sameNode, type TreeNode, type Version, Window } from '../src/index.ts';
import {
	applyEdits,
	carryOut,
	carryOutSome,
	type Edit,
	edits,
	isExcluded,
	ROOT,
	stories,
	type World,
} from './support/model.ts';

const signature = { device: 'laptop', date: '2026-11-21' };
const none: ReadonlySet<NodeId> = new Set();

const copy = (tree: MemoryTree): MemoryTree => new MemoryTree(tree.all());
const idsOf = ({ remote, local, synced }: World): Set<NodeId> =>
	new Set([remote, local, synced].flatMap((tree) => [...tree.all()].map(({ id }) => id)));

/** As a client does it: what is at rest is not worth a look, and now and then gets one all the same. */
function dirtyIds(world: World): Set<NodeId> {
	const { remote, local, synced } = world;
	const isAtRest = (id: NodeId) =>
		isExcluded(world, id)
			? !local.get(id) && !synced.get(id)
			: sameNode(local.get(id), synced.get(id)) && sameNode(remote.get(id), synced.get(id));
	return new Set([...idsOf(world)].filter((id) => !isAtRest(id) || world.looked.has(id)));
}

interface Exclusions {
	readonly deselected: readonly number[];
	readonly unwanted: readonly number[];
	readonly looked: readonly number[];
}
const nothing: Exclusions = { deselected: [], unwanted: [], looked: [] };

function makeWorld(
	start: Edit[],
	mine: Edit[],
	theirs: Edit[],
	hide: boolean,
	{ deselected, unwanted, looked }: Exclusions = nothing,
): World {
	const synced = new MemoryTree();
	applyEdits(synced, start, 's');
	const local = copy(synced);
	applyEdits(local, mine, 'l');
	const remote = copy(synced);
	applyEdits(remote, theirs, 'r');
	let counter = 0;
	const known = [...remote.all()].map(({ id }) => id);
	const pick = (indices: readonly number[]) => new Set(indices.flatMap((i) => known[i % known.length] ?? []));
	const world: World = {
		...{ synced, local, remote, unread: new Map(), fresh: () => `f${counter++}` as NodeId },
		deselected: pick(deselected),
		unwanted: pick(unwanted),
		looked: pick(looked),
	};
	if (hide) {
		for (const node of [...local.all()]) {
			if (node.version.kind !== 'file' || sameNode(node, synced.get(node.id))) continue;
			world.unread.set(node.id, node.version);
			local.set({ ...node, version: { ...node.version, content: null } });
		}
	}
	return world;
}

const planOf = (world: World, dirty: Iterable<NodeId> = dirtyIds(world), blocked = none) =>
	plan({
		...{ ...world, root: ROOT, dirty, isExcluded: (id: NodeId) => isExcluded(world, id) },
		...{ isMissing: () => false, blocked, signature },
	});

/** A disk or a server that refuses has done nothing. One operation in three is refused. */
function tryOn(world: World, work: () => void, chance: () => number): void {
	if (chance() < 1 / 3) return;
	const before = [world.remote, world.local, world.synced].map(copy) as [MemoryTree, MemoryTree, MemoryTree];
	try {
		work();
	} catch {
		[world.remote, world.local, world.synced] = before;
	}
}

const isUnread = ({ local }: World, id: NodeId): boolean => {
	const version = local.get(id)?.version;
	return version?.kind === 'file' && version.content === null;
};

/** As a client does it: plans are about few newcomers at once, and are told what has changed since. */
function settleInWindows(world: World, size: number, shuffle: <T>(list: readonly T[]) => T[]): void {
	const window = new Window({ ...world, root: ROOT }, size, () => false);
	let before = new Map<NodeId, string>();
	const touched = () => {
		const now = new Map([...idsOf(world)].map((id) => [id, describeNode(world, id)]));
		const ids = [...new Set([...before.keys(), ...now.keys()])].filter((id) => before.get(id) !== now.get(id));
		before = now;
		return ids;
	};
	for (let round = 1; round <= 2000; round++) {
		const ids = dirtyIds(world);
		const dirty = Object.assign(ids, { takeTouched: touched });
		const near = planOf(world, window.choose(dirty, none));
		const next = window.starves(near) ? planOf(world, window.everything(dirty)) : near;
		if (isEmpty(next)) return;
		carryOut(world, next, shuffle);
	}
	throw new Error('still going');
}

/** What is in a folder that was moved may be excluded now. */
const describeNode = (world: World, id: NodeId): string =>
	JSON.stringify([isExcluded(world, id), ...[world.remote, world.local, world.synced].map((tree) => tree.get(id))]);

function settle(world: World, shuffle: <T>(list: readonly T[]) => T[]): number {
	const bound = Math.min(200, 4 * (idsOf(world).size + 2));
	for (let round = 1; ; round++) {
		const next = planOf(world);
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
const chances = (seed: number) => {
	let x = seed | 1;
	return (): number => {
		x = (Math.imul(x, 1103515245) + 12345) >>> 0;
		return x / 2 ** 32;
	};
};
const shape = (tree: MemoryTree): string[] => [...tree.all()].map((node) => JSON.stringify(node)).sort();
/** Ids aside. */
function paths(tree: MemoryTree): string[] {
	const path = ({ parent, name }: TreeNode): string => `${parent === ROOT ? '' : path(tree.get(parent)!)}/${name}`;
	return [...tree.all()].map((node) => `${path(node)} ${JSON.stringify(node.version)}`).sort();
}
const contents = (nodes: Iterable<TreeNode>): Set<string> =>
	new Set([...nodes].flatMap(({ version }) => contentOf(version) ?? []));
const contentOf = (version: Version): string | undefined =>
	version.kind === 'file' ? version.content! : version.kind === 'symlink' ? version.target : undefined;

const runs = { numRuns: Number(process.env.MYDROPBOX_PROPERTY_RUNS ?? 3000) };
const scenario = [stories, fc.boolean(), fc.integer()] as const;
const some = fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(30), { maxLength: 3 }));
const exclusions = fc.record({ deselected: some, unwanted: some, looked: some });

describe('planner', () => {
	test('P1 P3 P6: it terminates, all three trees are equal but for what is excluded, and a tree at every step', () => {
		fc.assert(
			fc.property(...scenario, exclusions, ([start, mine, theirs], hide, seed, excluded) => {
				const world = makeWorld(start, mine, theirs, hide, excluded);
				settle(world, seeded(seed));
				const kept = [...world.remote.all()].filter(({ id }) => !isExcluded(world, id));
				expect(shape(world.local)).toEqual(shape(new MemoryTree(kept)));
				expect(shape(world.local)).toEqual(shape(world.synced));
			}),
			runs,
		);
	});

	test('P2: the order inside a batch does not matter', () => {
		fc.assert(
			fc.property(...scenario, exclusions, ([start, mine, theirs], hide, seed, excluded) => {
				const one = makeWorld(start, mine, theirs, hide, excluded);
				const other = makeWorld(start, mine, theirs, hide, excluded);
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
			fc.property(...scenario, exclusions, ([start, mine, theirs], hide, seed, excluded) => {
				const world = makeWorld(start, mine, theirs, hide, excluded);
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

	test('P1 P4 P5: planned for few newcomers at once, it ends as it does planned as a whole', () => {
		fc.assert(
			fc.property(
				...scenario,
				exclusions,
				fc.integer({ min: 1, max: 4 }),
				([start, mine, theirs], hide, seed, excluded, size) => {
					const [whole, parts] = [1, 2].map(() => makeWorld(start, mine, theirs, hide, excluded)) as [World, World];
					settle(whole, seeded(seed));
					settleInWindows(parts, size, seeded(seed));
					for (const side of ['remote', 'local'] as const) expect(paths(parts[side])).toEqual(paths(whole[side]));
				},
			),
			runs,
		);
	});

	test('P1 P3 P6: whatever is refused, blocked or changed in between, it ends', () => {
		const disturbance = fc.record({
			mine: edits(3),
			theirs: edits(3),
			blocked: fc.array(fc.nat(30), { maxLength: 2 }),
		});
		fc.assert(
			fc.property(
				...scenario,
				exclusions,
				fc.array(disturbance, { maxLength: 5 }),
				([start, mine, theirs], hide, seed, excluded, disturbances) => {
					const world = makeWorld(start, mine, theirs, hide, excluded);
					const chance = chances(seed);
					for (const [round, { blocked, ...changes }] of disturbances.entries()) {
						const known = [...idsOf(world)];
						const held = new Set(blocked.flatMap((index) => known[index % known.length] ?? []));
						const next = planOf(world, dirtyIds(world), held);
						carryOutSome(world, next, (work) => tryOn(world, work, chance), seeded(seed + round));
						applyEdits(world.local, changes.mine, `l${round}-`);
						applyEdits(world.remote, changes.theirs, `r${round}-`);
						for (const id of world.unread.keys()) if (!isUnread(world, id)) world.unread.delete(id);
					}
					settle(world, seeded(seed));
					const kept = [...world.remote.all()].filter(({ id }) => !isExcluded(world, id));
					expect(shape(world.local)).toEqual(shape(new MemoryTree(kept)));
					expect(shape(world.local)).toEqual(shape(world.synced));
				},
			),
			runs,
		);
	});

	test('P8: the same changes on both sides need no operation', () => {
		fc.assert(
			fc.property(edits(15), edits(10), (start, both) => {
				const world = makeWorld(start, both, [], false);
				world.remote = copy(world.local);
				for (let next; ; carryOut(world, next, (list) => [...list])) {
					next = planOf(world);
					expect([next.remote, next.local]).toEqual([[], []]);
					if (isEmpty(next)) break;
				}
			}),
			runs,
		);
	});

	test('S4: whatever happens here to what is excluded, the server keeps it where it is, or where it was moved to', () => {
		fc.assert(
			fc.property(...scenario, exclusions, ([start, mine, theirs], hide, seed, excluded) => {
				const world = makeWorld(start, mine, theirs, hide, excluded);
				const before = [...world.remote.all()].filter(({ id }) => isExcluded(world, id)).map(({ id }) => id);
				settle(world, seeded(seed));
				for (const id of before) expect(world.remote.get(id)).toBeDefined();
			}),
			runs,
		);
	});

	test('S11: without any memory of what was synced, nothing is deleted', () => {
		fc.assert(
			fc.property(...scenario, exclusions, ([start, mine, theirs], hide, seed, excluded) => {
				const world = makeWorld(start, mine, theirs, hide, excluded);
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
