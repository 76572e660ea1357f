import { explain } from '@mydropbox/testkit';
import fc from 'fast-check';
import { cleanUp } from './support/cleanup.ts';
import { Crew, type Step } from './support/crew.ts';
import { startProduct } from './support/product.ts';

const MINUTES = 60_000;
const DEVICES = 3;
/** Stories that go on beside each other, each about one file: nothing that happens to one explains another. */
const FILES = 8;
const PLAY_MS = 60_000;
/** The seed that a failure prints. It fixes the steps, not how fast the daemons are: the same steps may go well the next time. */
const SEED = process.env.MYDROPBOX_TEST_SEED;

const device = fc.nat({ max: DEVICES - 1 });
const file = fc.nat({ max: FILES - 1 });
/** Few, so that the same content is written in several places; equally long, so that only a look inside tells them apart. */
const value = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 100, arbitrary: fc.record({ do: fc.constant('write' as const), device, file, value }) },
	{ weight: 40, arbitrary: fc.record({ do: fc.constant('delete' as const), device, file }) },
	{ weight: 50, arbitrary: fc.record({ do: fc.constant('read' as const), device, file }) },
	{ weight: 40, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.nat({ max: 300 }) }) },
	{ weight: 40, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), device }) },
	{ weight: 20, arbitrary: fc.record({ do: fc.constant('settle' as const), device }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), device }) },
	{ weight: 5, arbitrary: fc.constant({ do: 'stabilize' as const }) },
);

describe('S5: whatever is read and written on several devices is explained by the model of one file', () => {
	let crew: Crew;
	beforeAll(async () => {
		const product = await startProduct();
		crew = await Crew.open(product, await product.signUp('ada'), ['laptop', 'desk', 'tower']);
	}, MINUTES);
	afterAll(cleanUp, MINUTES);

	it(
		'on real daemons and a real server',
		async () => {
			let plays = 0;
			let play: ReturnType<Crew['play']> | undefined;
			await fc.assert(
				fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }), async (steps) => {
					plays++;
					play = crew.play(steps, FILES);
					const stories = (await play).map((trace) => ({ trace, ...explain(DEVICES, trace) }));
					expect(stories.filter(({ explained }) => !explained)).toEqual([]);
				}),
				{
					numRuns: 1000,
					interruptAfterTimeLimit: PLAY_MS,
					endOnFailure: true,
					...(SEED ? { seed: Number(SEED) } : {}),
				},
			);
			// When the time is over, fast-check leaves the last one alone in the middle: its daemons would write on while all is removed.
			await play;
			expect(plays).toBeGreaterThan(1);
		},
		PLAY_MS + 3 * MINUTES,
	);
});
