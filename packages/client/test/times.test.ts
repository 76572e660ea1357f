import type { ContentHash, Mtime } from '@mydropbox/protocol';
import type { Version } from '@mydropbox/sync-engine';
import { timedVersion } from '../src/control/times.ts';

const at = (mtime: string): Version => ({
	kind: 'file',
	content: 'h' as ContentHash,
	size: 1,
	mtime: mtime as Mtime,
	exec: false,
});
const time = (mtime: string) => mtime as Mtime;

describe('S5: a file that got its times in place', () => {
	const made = at('1700000009060000123');

	test('has them, as exactly as the disk can say', () => {
		expect(timedVersion(made, time('1700000009060000000'), time('5'))).toBe(made);
		expect(timedVersion(made, time('1700000008000000000'), time('5'))).toBe(made);
	});

	test.each(['1700000011140000000', '1700000009059000000'])(
		'has those of a program that wrote to it in that moment: %s',
		(written) => expect(timedVersion(made, time(written), time('5'))).toEqual(at(written)),
	);

	test('counts as having them where the disk takes no times', () => {
		expect(timedVersion(made, time('5'), time('5'))).toBe(made);
	});
});
