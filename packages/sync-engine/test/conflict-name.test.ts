import { DeviceName, type Name, nameFault } from '@mydropbox/protocol';
import fc from 'fast-check';
import { conflictName, originalName } from '../src/index.ts';

/** Text of one to four bytes a character, combining marks and halves of surrogate pairs among it. */
const text = (maxLength: number) =>
	fc.oneof(
		fc.string({ unit: 'binary', maxLength }),
		fc.string({
			unit: fc.constantFrom('a', '.', ' ', '\u0301', '\u6f22', '\ud83d', '\u{1f4bb}'),
			minLength: 1,
			maxLength,
		}),
		fc.nat(maxLength).map((length) => '\u6f22'.repeat(length)),
	);

test.each([
	['plan (conflicted copy, laptop, 2026-11-21).txt', 'plan.txt'],
	['plan (conflicted copy, a (new), pc, 2026-11-21 12).txt', 'plan.txt'],
	['plan (conflicted copy, laptop, 2026-11-21) (conflicted copy, pc, 2026-11-22)', 'plan'],
	['.rc (conflicted copy, laptop, 2026-11-21)', '.rc'],
	['plan (conflicted copy).txt', 'plan (conflicted copy).txt'],
	['.. (conflicted copy, laptop, 2026-11-21)', '.. (conflicted copy, laptop, 2026-11-21)'],
	[' (conflicted copy, laptop, 2026-11-21)', ' (conflicted copy, laptop, 2026-11-21)'],
])('%s is a copy of %s', (copy, original) => {
	expect(originalName(copy as Name)).toBe(original);
});

test('a conflict copy of any name on any device has a valid name', () => {
	const names = text(120).filter((name) => nameFault(name) === undefined);
	const devices = text(64)
		.map((name) => DeviceName.safeParse(name))
		.filter(({ success }) => success);
	fc.assert(
		fc.property(names, devices, fc.integer({ min: 1, max: 9999 }), (name, device, attempt) => {
			const made = conflictName(name as Name, { device: device.data as string, date: '2026-11-21' }, attempt);
			expect([made, nameFault(made)]).toEqual([made, undefined]);
		}),
		{ numRuns: 1000 },
	);
});

test('a device name that would not fit is refused', () => {
	expect(DeviceName.safeParse('\u6f22'.repeat(50)).success).toBe(true);
	expect(DeviceName.safeParse('\u6f22'.repeat(51)).success).toBe(false);
	expect(DeviceName.safeParse('half \ud83d').success).toBe(false);
});
