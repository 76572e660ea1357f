import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Change, NamespaceId, NodeState, Rev } from '@mydropbox/protocol';
import { silentLog } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import { beginNewEpochs, createDataServer, treeAsOf, versionsOf } from '../src/index.ts';
import { folderPut, Person } from './support/person.ts';
import { newId, tokenOf } from './support/token.ts';
import { World } from './support/world.ts';

describeEachEngine('changes', (engine) => {
	let world: World;
	let ann: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(() => {
		ann = world.person('ann');
	});
	afterAll(() => world.close());

	const until = async (condition: () => boolean) => {
		const deadline = Date.now() + 10_000;
		while (!condition()) {
			if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`);
			await new Promise((resolve) => setImmediate(resolve));
		}
	};

	test('the first answer comes at once, even when there is nothing', async () => {
		const page = await ann.page(null, 0, { waitMs: 50_000 });
		expect(page).toEqual({
			namespace: ann.namespace,
			epoch: expect.stringMatching(/^[0-9a-f]{32}$/),
			reset: false,
			changes: [],
			cursor: 0,
			more: false,
		});
		expect(await ann.changes(page.epoch, 0)).toEqual({ namespaces: [] });
	});

	test('pages follow each other without gaps, in the order of revs', async () => {
		await ann.commit(Array.from({ length: 25 }, (_, n) => folderPut(newId(), ann.root, `${n}`)));
		await ann.do({ op: 'delete', id: (await ann.at('3'))?.id, base: 4 });
		const epoch = await ann.epoch();
		const revs: number[] = [];
		let page = await ann.page(epoch, 1, { limit: 7 });
		for (;;) {
			revs.push(...page.changes.map(({ rev }) => rev));
			if (!page.more) break;
			page = await ann.page(epoch, page.cursor, { limit: 7 });
		}
		expect(revs).toEqual([2, 3, ...Array.from({ length: 22 }, (_, n) => n + 5)]);
		expect(page.cursor).toBe(26);
	});

	test('a cursor from the future or from another life starts over', async () => {
		await ann.folder('a');
		const epoch = await ann.epoch();
		for (const [oldEpoch, rev] of [
			[epoch, 99],
			[newId<string>(), 1],
			[newId<string>(), 0],
			[null, 1],
		] as const) {
			const page = await ann.page(oldEpoch, rev, { waitMs: 50_000 });
			expect(page).toMatchObject({ epoch, reset: true, cursor: 1, changes: [{ name: 'a' }] });
		}
	});

	test('after a backup was restored every client starts over', async () => {
		const own = await World.open(engine);
		try {
			const carl = own.person('carl');
			await carl.folder('a');
			const before = await carl.epoch();
			await beginNewEpochs(own.context.db);
			const page = await carl.page(before, 1);
			expect(page).toMatchObject({ reset: true, changes: [{ name: 'a' }] });
			expect(page.epoch).not.toBe(before);
		} finally {
			await own.close();
		}
	});

	describe('waiting', () => {
		test('ends the moment a commit lands, in any of the namespaces', async () => {
			const epoch = await ann.epoch();
			const waiting = ann.changes(epoch, 0, { waitMs: 50_000 });
			await until(() => world.context.notifier.waiting === 1);
			await ann.folder('news');
			expect((await waiting).namespaces[0]?.changes).toMatchObject([{ name: 'news' }]);
			expect(world.context.notifier.waiting).toBe(0);
		});

		test('ends after its time with an empty answer', async () => {
			expect(await ann.changes(await ann.epoch(), 0, { waitMs: 20 })).toEqual({ namespaces: [] });
		});

		test("is not disturbed by others' commits", async () => {
			const waiting = ann.changes(await ann.epoch(), 0, { waitMs: 50_000 });
			await until(() => world.context.notifier.waiting === 1);
			await world.person('bob').folder('not yours');
			expect(world.context.notifier.waiting).toBe(1);
			await ann.folder('yours');
			await waiting;
		});

		test('ends when another device brings something, for whoever wants to know; a commit takes it back', async () => {
			const epoch = await ann.epoch();
			const phone = new Person(world, { ...ann.identity, device: newId() }, {});
			const [wants, doesNot, own] = [
				phone.changes(epoch, 0, { waitMs: 50_000, arrivalsAfter: 0 }),
				phone.changes(epoch, 0, { waitMs: 50_000 }),
				ann.changes(epoch, 0, { waitMs: 50_000, arrivalsAfter: 0 }),
			];
			await until(() => world.context.notifier.waiting === 3);
			const part = await ann.announce('large');
			expect(await wants).toEqual({ namespaces: [], arrivals: { after: expect.any(Number), parts: [part] } });
			expect(world.context.notifier.waiting).toBe(2);
			expect(await phone.changes(epoch, 0, { arrivalsAfter: 0 })).toMatchObject({ arrivals: { parts: [part] } });
			await ann.folder('large', ann.root, part.node);
			expect(Object.keys(await doesNot)).toEqual(['namespaces']);
			expect(Object.keys(await own)).toEqual(['namespaces']);
			expect(await phone.changes(epoch, 1, { arrivalsAfter: 0 })).toEqual({ namespaces: [] });
		});

		test('ends when the client goes away', async () => {
			const epoch = await ann.epoch();
			const server = world.app.listen(0, '127.0.0.1');
			await once(server, 'listening');
			const client = new AbortController();
			const waiting = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/changes`, {
				method: 'POST',
				headers: { authorization: `Bearer ${tokenOf(ann.identity)}`, 'content-type': 'application/json' },
				body: JSON.stringify({ cursors: [{ namespace: ann.namespace, epoch, rev: 0 }], waitMs: 50_000 }),
				signal: client.signal,
			});
			await until(() => world.context.notifier.waiting === 1);
			client.abort();
			await expect(waiting).rejects.toThrow();
			await until(() => world.context.notifier.waiting === 0);
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		});

		test('ends when the server stops', async () => {
			const stopping = new AbortController();
			const options = { store: world.store, refreshKeys: async () => {}, stopping: stopping.signal };
			const again = createDataServer({ ...options, id: 'data-test' as never, log: silentLog() });
			const other = new Person(again, ann.identity, {});
			const waiting = other.changes(await ann.epoch(), 0, { waitMs: 50_000 });
			await until(() => again.context.notifier.waiting === 1);
			stopping.abort();
			expect(await waiting).toEqual({ namespaces: [] });
		});
	});

	// S10 of packages/sync-engine/SPEC.md
	test('a reader misses nothing while many write', async () => {
		const epoch = await ann.epoch();
		const writers = Array.from(
			{ length: 6 },
			(_, n) => new Person(world, { ...ann.identity, device: newId() }, { quota: 1e9 + n }),
		);
		let running = writers.length;
		const write = async (writer: Person, n: number) => {
			const folder = await writer.folder(`writer ${n}`);
			for (let round = 0; round < 12; round++) {
				const id = newId<string>();
				const made = await writer.commit([folderPut(id, folder, `a${round}`), folderPut(newId(), folder, `b${round}`)]);
				const rev = made.results[0]?.ok ? made.results[0].rev : 0;
				if (round % 3 === 0) await writer.do({ op: 'delete', id, base: rev });
				if (round % 3 === 1) await writer.do({ op: 'move', id, base: rev, parent: ann.root, name: `${n}-${round}` });
			}
			running--;
		};
		const seen = new Map<string, Change>();
		let cursor = 0;
		const read = async (limit: number) => {
			const before = running;
			const { namespaces } = await ann.changes(epoch, cursor, { limit, waitMs: 5 });
			for (const page of namespaces) {
				let last = cursor;
				for (const change of page.changes) {
					expect(change.rev).toBeGreaterThan(last);
					last = change.rev;
					seen.set(change.id, change);
				}
				cursor = page.cursor;
			}
			return before > 0 || namespaces.length > 0;
		};
		const reading = (async () => {
			let limit = 1;
			while (await read((limit++ % 7) + 1));
		})();
		await Promise.all([...writers.map(write), reading]);
		const alive = [...seen.values()].filter(({ kind }) => kind !== 'deleted');
		const byId = (a: Change, b: Change) => a.id.localeCompare(b.id);
		expect(alive.sort(byId)).toEqual(((await ann.tree()) as Change[]).sort(byId));
		expect(cursor).toBe(6 * (1 + 24 + 8));
	}, 60_000);

	test('history keeps every version, says who, and what is in the trash', async () => {
		const namespace = ann.namespace as NamespaceId;
		const id = await ann.file('a.txt', 'one');
		const desk = new Person(world, { ...ann.identity, device: newId() }, {});
		const second = { op: 'put', id, base: 1, parent: ann.root, name: 'b.txt', ...(await ann.upload('two')) };
		await desk.do(second);
		await ann.do({ op: 'delete', id, base: 2 });
		const states = (await versionsOf(world.context.db, namespace, id as never, { limit: 9 })).reverse();
		expect(states).toMatchObject([
			{
				state: { name: 'a.txt', rev: 1 },
				by: ann.identity.device,
				ended: { rev: 2, by: desk.identity.device, deleted: false },
			},
			{
				state: { name: 'b.txt', rev: 2 },
				by: desk.identity.device,
				ended: { rev: 3, by: ann.identity.device, deleted: true },
			},
		]);
		const names = async (rev: number) =>
			(await treeAsOf(world.context.db, namespace, rev as Rev)).map(({ name }: NodeState) => name);
		expect([await names(0), await names(1), await names(2), await names(3)]).toEqual([[], ['a.txt'], ['b.txt'], []]);
	});
});
