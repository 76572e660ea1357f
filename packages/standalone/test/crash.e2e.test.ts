import { cleanUp } from './support/cleanup.ts';
import { type Day, Lane, type Side } from './support/crash/lane.ts';
import { startProduct } from './support/product.ts';

const MINUTES = 60_000;
/** Persons who live their days beside each other: enough to keep two processors busy. */
const LANES = 4;
/** So many for each tell what is reached whatever else the machine does. */
const QUIET_DAYS = 4;
/** What is reached on every day without deaths is reached on one of so many, though daemons do not always batch alike. */
const TRIES = 4;

/** Boundaries of one side to die at, one life after the other. */
interface Task {
	readonly side: Side;
	readonly deaths: readonly string[];
	tries: number;
}
const task = (side: Side, ...deaths: string[]): Task => ({ side, deaths, tries: 0 });

/** Days on which daemons die, and what came of them. */
class Deaths {
	readonly #lanes: readonly Lane[];
	readonly wrong: string[] = [];
	readonly neverReached: string[] = [];
	/** Tasks that were done, each with what its daemons reached life by life. */
	readonly done: { readonly task: Task; readonly reached: Day[Side]['reached'] }[] = [];

	constructor(lanes: readonly Lane[]) {
		this.#lanes = lanes;
	}

	/** As many days as it takes; on each, both sides die if there is a task for both. */
	async die(tasks: readonly Task[]): Promise<void> {
		const open = [...tasks];
		const take = (side: Side): Task | undefined => {
			const index = open.findIndex((each) => each.side === side);
			return index < 0 ? undefined : open.splice(index, 1)[0];
		};
		const live = async (lane: Lane) => {
			while (open.length > 0) {
				const [sending, receiving] = [take('sending'), take('receiving')];
				const day = await lane.spendDay({ sending: sending?.deaths ?? [], receiving: receiving?.deaths ?? [] });
				const today = [sending, receiving].filter((each) => each !== undefined);
				if (day.wrong.length > 0) this.wrong.push(`${today.map(describeTask).join(' and ')}:\n${day.wrong.join('\n')}`);
				for (const each of today) {
					const { left, reached } = day[each.side];
					if (left.length === each.deaths.length) this.done.push({ task: each, reached });
					else if (++each.tries < TRIES) open.push(each);
					else this.neverReached.push(describeTask(each));
				}
			}
		};
		await Promise.all(this.#lanes.map(live));
	}
}

const describeTask = ({ side, deaths }: Task): string => `dying while ${side} before ${deaths.join(', then before ')}`;

/** What every lane reaches on every day without deaths. */
async function boundaries(lanes: readonly Lane[]): Promise<Task[]> {
	const days: Day[] = [];
	for (let day = 1; day <= QUIET_DAYS; day++) days.push(...(await Promise.all(lanes.map((lane) => lane.spendDay()))));
	const always = (side: Side): string[] => {
		const [first, ...others] = days.map((day) => new Set(day[side].reached[0]));
		return [...first!].filter((name) => others.every((names) => names.has(name)));
	};
	return (['sending', 'receiving'] as const).flatMap((side) => always(side).map((name) => task(side, name)));
}

/** Each call of the tidying that a death made necessary, after the first death that did. */
function recoveries(done: Deaths['done']): Task[] {
	const found = new Map<string, Task>();
	for (const { task: first, reached } of done) {
		for (const name of reached[1]!.filter((each) => each.startsWith('recover.'))) {
			if (!found.has(name)) found.set(name, task(first.side, ...first.deaths, name));
		}
	}
	return [...found.values()];
}

describe('S8: when daemons are killed, one writer gets all that was done, once, and no conflict', () => {
	const lanes: Lane[] = [];
	beforeAll(async () => {
		const product = await startProduct();
		for (let i = 1; i <= LANES; i++) lanes.push(await Lane.open(product, await product.signUp(`person${i}`)));
	}, 3 * MINUTES);
	afterAll(cleanUp, MINUTES);

	it(
		'S1 S2 S3 S4 S6 S7: before each call that changes the disk, each commit of the database, each request',
		async () => {
			const deaths = new Deaths(lanes);
			const tasks = await boundaries(lanes);
			for (const call of [
				'publish.link',
				'publish.rename',
				'publish.syncFile',
				'publish.syncAll',
				'stage.write',
				'server.getBlocks',
			])
				expect(tasks.map(describeTask)).toContain(describeTask(task('receiving', `${call}#1`)));
			for (const call of ['store.commit', 'server.putBlocks', 'server.commit'])
				expect(tasks.map(describeTask)).toContain(describeTask(task('sending', `${call}#1`)));

			await deaths.die(tasks);
			const again = recoveries(deaths.done);
			expect(again).not.toEqual([]);
			await deaths.die(again);
			expect({ wrong: deaths.wrong, neverReached: deaths.neverReached }).toEqual({ wrong: [], neverReached: [] });
			expect(deaths.done).toHaveLength(tasks.length + again.length);
		},
		15 * MINUTES,
	);
});
