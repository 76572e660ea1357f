import { resolve } from 'node:path';
import { openDatabase } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import fc from 'fast-check';
import type { DataSchema, Store } from '../src/index.ts';
import { GRACE, Heap, HISTORY, HOUR } from './support/heap.ts';
import { blocksOf } from './support/person.ts';

const BLOCKS = Array.from({ length: 6 }, (_, n) => `${n}`.repeat(n === 0 ? 400 : 20));
const some = fc.subarray(BLOCKS, { minLength: 1 });
const name = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('upload' as const), blocks: some }) },
	{ weight: 6, arbitrary: fc.record({ do: fc.constant('commit' as const), name, blocks: some }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(HOUR, GRACE, HISTORY) }) },
	{ weight: 12, arbitrary: fc.record({ do: fc.constant('collect' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

// S17: puts, commits and deletes of a user, between any two steps of the collector.
describeEachEngine('garbage, in any order of things', (engine) => {
	let database: Store['database'];
	beforeAll(async () => {
		const url = engine.name === 'sqlite' ? 'sqlite::memory:' : engine.freshUrl();
		const sqlDir = resolve(import.meta.dirname, '../../../sql/data-server');
		database = await openDatabase<DataSchema>({ url, sqlDir });
	});
	afterAll(() => database.close());

	test('what was committed stays readable, and what nobody needs goes', async () => {
		const story = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });
		await fc.assert(
			fc.asyncProperty(story, (steps) => play(database, steps)),
			{ numRuns: engine.name === 'sqlite' ? 150 : 30 },
		);
	}, 240_000);
});

async function play({ db }: Store['database'], steps: readonly Step[]): Promise<void> {
	// Nobody else's garbage in this story.
	for (const table of ['Namespaces', 'Nodes', 'NodeHistory', 'Contents', 'Blocks', 'Segments', 'Owners', 'Commits'])
		await db.deleteFrom(table as 'Blocks').execute();
	const heap = await new Heap(db).open();
	const collector = new Collector(heap);
	/** When each block was last stored. */
	const uploaded = new Map<string, number>();
	for (const one of steps) {
		if (one.do === 'upload') {
			const missing = new Set<string>(await heap.blocks.missing(heap.owner, hashesOf(one.blocks)));
			await heap.upload(one.blocks);
			for (const hash of missing) uploaded.set(hash, heap.clock.getTime());
		} else if (one.do === 'commit') {
			const mustBeHere = hashesOf(one.blocks).every(
				(hash) => isNeeded(heap, hash) || heap.clock.getTime() - (uploaded.get(hash) ?? 0) < GRACE,
			);
			const accepted = await heap.commit(one.name, one.blocks);
			if (mustBeHere) expect(accepted).toBe(true);
		} else if (one.do === 'remove') await heap.remove(one.name);
		else if (one.do === 'wait') heap.later(one.ms);
		else await collector.step();
		await heap.expectAllReadable();
	}
	await collector.finish();
	heap.later(HISTORY + GRACE + HOUR);
	await heap.collect();
	await heap.expectAllReadable();
	await heap.expectNoGarbage();
}

/** A run of the collector that goes on to its next pause when it is told to. */
class Collector {
	readonly #heap: Heap;
	#run: Promise<unknown> | undefined;
	#goOn = () => {};
	#paused = Promise.withResolvers<void>();

	constructor(heap: Heap) {
		this.#heap = heap;
	}

	async step(): Promise<void> {
		this.#paused = Promise.withResolvers();
		if (this.#run) this.#goOn();
		else this.#run = this.#heap.collect({ pause: this.#pause }).finally(() => (this.#run = undefined));
		await Promise.race([this.#paused.promise, this.#run]);
	}

	async finish(): Promise<void> {
		while (this.#run) await this.step();
	}

	readonly #pause = (): Promise<void> => {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#goOn = resolve;
		this.#paused.resolve();
		return promise;
	};
}

const hashesOf = (blocks: readonly string[]) => blocksOf(blocks).map(({ hash }) => hash);
const isNeeded = (heap: Heap, hash: string): boolean =>
	[...heap.files.values()].some(({ bytes }) => hashesOf(bytes as string[]).includes(hash as never));
