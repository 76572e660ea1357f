import { formatBytes, plural } from '../src/format.ts';

test.each([
	[0, '0 bytes'],
	[1, '1 byte'],
	[999, '999 bytes'],
	[1000, '1 KB'],
	[1200, '1.2 KB'],
	[12_345, '12 KB'],
	[999_499, '999 KB'],
	[999_500, '1 MB'],
	[1_234_567_890, '1.2 GB'],
	[5_000_000_000, '5 GB'],
])('%d is "%s"', (bytes, text) => expect(formatBytes(bytes, 'en')).toBe(text));

test('one and many', () => {
	expect(plural(1, 'file')).toBe('1 file');
	expect(plural(2, 'file')).toBe('2 files');
	expect(plural(2, 'more', 'more')).toBe('2 more');
});
