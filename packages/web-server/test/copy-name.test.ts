import { type Name, nameFault, utf8Length } from '@mydropbox/protocol';
import { copyName } from '../src/tree/copy-name.ts';

const copy = (name: string, number = 2): string => copyName(name as Name, number);

test('the number goes before the ending', () => {
	expect(copy('a.txt')).toBe('a (2).txt');
	expect(copy('archive.tar.gz', 12)).toBe('archive.tar (12).gz');
	expect(copy('Makefile')).toBe('Makefile (2)');
	expect(copy('.gitignore')).toBe('.gitignore (2)');
});

test.each([
	'x'.repeat(255),
	`${'ü'.repeat(125)}.txt`,
	`${'😀'.repeat(62)}.pdf`,
	`a.${'x'.repeat(253)}`,
	`.${'x'.repeat(254)}`,
])('a long name stays a name: %s', (name) => {
	const result = copy(name, 1000);
	expect(nameFault(result)).toBeUndefined();
	expect(utf8Length(result)).toBeLessThanOrEqual(255);
	expect(result).toContain('(1000)');
});
