import { explain, type Observation, type Shown, type Value } from '../src/one-file-model.ts';

const death = (device: number): Observation => ({ type: 'death', device });
const read = (device: number, value: Value): Observation => ({ type: 'read', device, value });
const write = (device: number, value: Value, old: Value): Observation => ({ type: 'write', device, value, old });
/** A copy of b that device 1 made is `b1`. */
const shows = (value: Value, ...copies: string[]): Shown => ({
	value,
	conflicts: copies.map(([content, device]) => ({ value: content!, device: Number(device) })),
});
/** On both devices the same. */
const stable = (value: Value, ...copies: string[]): Observation => ({
	type: 'stabilize',
	devices: [shows(value, ...copies), shows(value, ...copies)],
});
const both = (...trace: Observation[]) => explain(2, trace);

describe('S5: explains', () => {
	test.each<[string, ...Observation[]]>([
		['nothing at all', stable(null)],
		['a file that has arrived, or not yet', write(0, 'a', null), read(1, null), read(1, 'a'), stable('a')],
		['an edit that was seen before it was written over', write(0, 'a', null), write(1, 'b', 'a'), stable('b')],
		['saves of which only the last was sent', write(0, 'a', null), write(0, 'b', 'a'), stable('b')],
		['two files of one name, the first sent wins', write(0, 'a', null), write(1, 'b', null), stable('a', 'b1')],
		['… or the second', write(0, 'a', null), write(1, 'b', null), stable('b', 'a0')],
		['the same content written twice', write(0, 'a', null), write(1, 'a', null), stable('a')],
		[
			'an edit that beats a delete',
			write(0, 'a', null),
			stable('a'),
			write(0, null, 'a'),
			write(1, 'b', 'a'),
			stable('b'),
		],
		[
			'a save in the moment of the conflict: only the last becomes a copy',
			write(0, 'a', null),
			write(1, 'b', null),
			write(1, 'c', 'b'),
			stable('a', 'c1'),
		],
		[
			'what was fetched while something newer was sent',
			...[write(0, 'a', null), write(1, 'c', null), write(0, 'b', 'a')],
			...[read(1, 'a'), read(1, 'b'), stable('b', 'c1')],
		],
		[
			'an edit of what a daemon that died had put there and not recorded',
			...[write(0, 'a', null), read(1, 'a'), death(1), write(1, 'b', 'a'), read(1, 'a'), stable('a', 'b1')],
		],
	])('%s', (_, ...trace) => {
		expect(both(...trace)).toEqual({ explained: true });
	});

	test('the same where every change is seen', () => {
		const trace = [write(0, 'a', null), read(1, 'a'), write(1, 'b', 'a'), read(0, 'b'), stable('b')];
		expect(explain(2, trace, true)).toEqual({ explained: true });
	});
});

describe('S5: finds', () => {
	test.each<[string, number, ...Observation[]]>([
		['a lost value', 1, write(0, 'a', null), stable(null)],
		['a lost edit', 2, write(0, 'a', null), write(0, 'b', 'a'), stable('a')],
		['a delete that came back', 4, write(0, 'a', null), stable('a'), write(0, null, 'a'), stable(null), read(1, 'a')],
		['a delete that was undone', 3, write(0, 'a', null), stable('a'), write(0, null, 'a'), stable('a')],
		['a conflict that is missing', 2, write(0, 'a', null), write(1, 'b', null), stable('a')],
		['a conflict that nobody made', 1, write(0, 'a', null), stable('a', 'a0')],
		['a conflict of what was written over knowingly', 2, write(0, 'a', null), write(1, 'b', 'a'), stable('b', 'a0')],
		['a conflict that another device claims', 2, write(0, 'a', null), write(1, 'b', null), stable('a', 'b0')],
		['two copies of one content', 2, write(0, 'a', null), write(1, 'b', null), stable('a', 'b1', 'b1')],
		[
			'a delete that beats an edit',
			4,
			write(0, 'a', null),
			stable('a'),
			write(0, null, 'a'),
			write(1, 'b', 'a'),
			stable(null),
		],
		['a value from nowhere', 1, write(0, 'a', null), read(1, 'half of a')],
		['a value that went back', 3, write(0, 'a', null), write(0, 'b', 'a'), read(1, 'b'), read(1, 'a')],
		[
			'an edit that nobody died before, taken for something new',
			3,
			...[write(0, 'a', null), write(1, 'b', 'a'), write(1, 'c', 'b'), stable('a', 'c1')],
		],
		['an own save that is not there', 1, write(0, 'a', null), read(0, null)],
	])('%s', (_, at, ...trace) => {
		expect(both(...trace)).toMatchObject({ explained: false, at });
	});

	test('a second copy of a content by a device that knows the first', () => {
		const trace = [write(0, 'a', null), write(1, 'b', null), write(2, 'b', null)];
		const end = (...copies: string[]): Observation => ({
			type: 'stabilize',
			devices: [0, 1, 2].map(() => shows('a', ...copies)),
		});
		expect(explain(3, [...trace, end('b1')])).toEqual({ explained: true });
		expect(explain(3, [...trace, end('b1', 'b2')])).toEqual({ explained: true });
		expect(explain(3, [...trace, end('b1', 'b1')])).toMatchObject({ explained: false });
	});

	test('a second copy by a device that made the file twice, and no third', () => {
		const trace = [
			...[write(0, 'a', null), write(1, 'b', null), stable('a', 'b1')],
			...[write(0, null, 'a'), stable(null, 'b1'), write(0, 'a', null), write(1, 'b', null)],
		];
		expect(both(...trace, stable('a', 'b1'))).toEqual({ explained: true });
		expect(both(...trace, stable('a', 'b1', 'b1'))).toEqual({ explained: true });
		expect(both(...trace, stable('a', 'b1', 'b1', 'b1'))).toMatchObject({ explained: false });
	});

	test('a change that nobody has seen, where every change is seen', () => {
		const trace = [write(0, 'a', null), write(1, 'b', 'a'), stable('b')];
		expect(both(...trace)).toEqual({ explained: true });
		expect(explain(2, trace, true)).toMatchObject({ explained: false, at: 1 });
	});

	test('a name that is empty while it makes room, where every change is seen', () => {
		const trace = [write(0, 'a', null), write(1, 'b', null), read(1, null), read(1, 'a'), stable('a', 'b1')];
		expect(explain(2, trace, true)).toMatchObject({ explained: false, at: 2 });
	});

	test('devices that do not end alike', () => {
		const apart: Observation = { type: 'stabilize', devices: [shows('a'), shows(null)] };
		expect(both(write(0, 'a', null), apart)).toEqual({
			explained: false,
			at: 1,
			because: 'in the end the devices show a; null where all could show a',
		});
		const copies: Observation = { type: 'stabilize', devices: [shows('a', 'b1'), shows('a')] };
		expect(both(write(0, 'a', null), write(1, 'b', null), copies)).toMatchObject({ explained: false, at: 2 });
	});
});

test('says what would have been possible', () => {
	expect(both(write(0, 'a', null), read(1, 'c'))).toMatchObject({
		because: 'device 1 shows c where it could show a or null',
	});
});
