import { childPath, joinPath, Path, PathBelowRoot, splitPath } from '../src/web/index.ts';

test.each([
	['/', '/'],
	['//', '/'],
	['/a/b', '/a/b'],
	['/a//b/', '/a/b'],
	['/cafe\u0301', '/caf\u00e9'],
])('%j is the path %j', (typed, path) => expect(Path.parse(typed)).toBe(path));

test.each(['', 'a', 'a/b', '/a/../b', '/.', '/a\0b', `/${'x'.repeat(256)}`, '/\ud800', '/a'.repeat(201)])(
	'%j is no path',
	(typed) => expect(Path.safeParse(typed).success).toBe(false),
);

test('the root is no file', () => {
	expect(PathBelowRoot.safeParse('//').success).toBe(false);
	expect(PathBelowRoot.parse('/a/')).toBe('/a');
});

test('paths are taken apart and put together', () => {
	expect(splitPath('/a')).toEqual(['/', 'a']);
	expect(splitPath('/a/b/c')).toEqual(['/a/b', 'c']);
	expect(childPath('/', 'a')).toBe('/a');
	expect(childPath('/a', 'b')).toBe('/a/b');
	expect(joinPath([])).toBe('/');
});
