import { MASS_DELETE_LIMITS, needsConfirmation } from '../src/mass-deletes.ts';

const asks = (wanted: number, synced: number, more: { held?: number; lately?: number } = {}) =>
	needsConfirmation({ wanted, held: 0, lately: 0, synced: () => synced, ...more }, MASS_DELETE_LIMITS);

describe('S4: a mass delete needs a confirmation', () => {
	test.each([
		[1000, 1_000_000, false],
		[1001, 1_000_000, true],
		// Half of a small folder…
		[200, 400, false],
		[201, 400, true],
		[101, 101, true],
		// …but not of one so small that this happens every day.
		[100, 100, false],
		[3, 3, false],
	])('%d of %d files: %s', (wanted, synced, expected) => {
		expect(asks(wanted, synced)).toBe(expected);
	});

	test('what was let go lately counts', () => {
		expect(asks(300, 100_000, { lately: 700 })).toBe(false);
		expect(asks(300, 100_000, { lately: 701 })).toBe(true);
	});

	test('what goes while a question is open is part of it', () => {
		expect(asks(1, 100_000, { held: 1 })).toBe(true);
	});

	test('few deletes never cost a count of all files', () => {
		const synced = () => {
			throw new Error('counted');
		};
		expect(needsConfirmation({ wanted: 100, held: 0, lately: 0, synced }, MASS_DELETE_LIMITS)).toBe(false);
	});
});
