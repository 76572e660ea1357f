import {
	type ArrivingPart,
	type BlockHash,
	type DeviceId,
	type NamespaceId,
	type NodeId,
	rootOf,
} from '@mydropbox/protocol';
import { Arrivals } from '../src/index.ts';
import { newId } from './support/token.ts';

const namespace = newId<NamespaceId>();
const [A, B] = [newId<DeviceId>(), newId<DeviceId>()];
let now: number;
let arrivals: Arrivals;
beforeEach(() => {
	now = Date.parse('2026-11-30T12:00:00Z');
	arrivals = new Arrivals(() => new Date(now));
});

const part = (blocks = 1, node = newId<NodeId>()): ArrivingPart =>
	({
		...{ arrival: newId(), node, parent: rootOf(namespace), name: 'large', size: blocks, start: 0 },
		blocks: Array.from({ length: blocks }, () => ({ hash: 'a'.repeat(64) as BlockHash, size: 1 })),
	}) as ArrivingPart;
const heard = (to = B, after = 0) => arrivals.news([namespace], to, after)?.parts ?? [];
const add = (one: ArrivingPart, to = namespace) => arrivals.add(to, A, one);

test('others hear of it, once, in order; the one who brings it does not', () => {
	const parts = [part(), part()];
	for (const one of parts) add(one);
	const news = arrivals.news([namespace], B, 0);
	expect(news?.parts).toEqual(parts);
	expect(heard(A)).toEqual([]);
	expect(arrivals.news([namespace], B, news!.after)).toBeUndefined();
	const next = part();
	add(next);
	expect(heard(B, news!.after)).toEqual([next]);
});

test('nobody hears of another namespace, nor who does not ask', () => {
	add(part());
	expect(arrivals.news([newId<NamespaceId>()], B, 0)).toBeUndefined();
	expect(arrivals.news([namespace], B, undefined)).toBeUndefined();
});

test('what is committed is no longer arriving', () => {
	const [done, open] = [part(), part()];
	add(done);
	add(open);
	arrivals.committed(namespace, [done.node]);
	expect(heard()).toEqual([open]);
});

test('whoever falls silent is forgotten', () => {
	add(part());
	now += 11 * 60_000;
	expect(heard()).toEqual([]);
});

test('after a restart it counts on', () => {
	add(part());
	const { after } = arrivals.news([namespace], B, 0)!;
	now += 1000;
	arrivals = new Arrivals(() => new Date(now));
	const fresh = part();
	add(fresh);
	expect(heard(B, after)).toEqual([fresh]);
});

test('also where the clock went back meanwhile', () => {
	add(part());
	const { after } = arrivals.news([namespace], B, 0)!;
	now -= 60_000;
	arrivals = new Arrivals(() => new Date(now));
	const fresh = part();
	add(fresh);
	expect(heard(B, after)).toEqual([fresh]);
});

test('of one namespace it remembers the latest; of all together no more than it has room for, until some are old', () => {
	for (let i = 0; i < 30; i++) add(part(500));
	expect(heard()).toHaveLength(20);
	const namespaces = Array.from({ length: 10 }, () => newId<NamespaceId>());
	const taken = namespaces.flatMap((id) => Array.from({ length: 20 }, () => add(part(500), id)));
	expect(taken.filter((isTaken) => isTaken)).toHaveLength(180);
	now += 11 * 60_000;
	expect(add(part(500), namespaces[0])).toBe(true);
});
