import fc from 'fast-check';
import { LIMITS, Name, nameFault, nameKey, parsePath, utf8Length } from '../src/index.ts';

test.each([
	['', 'is empty'],
	['.', 'another folder'],
	['..', 'another folder'],
	['a/b', 'slash'],
	['a\0b', 'NUL'],
	['e\u0301', 'normal form C'],
	['\ud800', 'not valid Unicode'],
	['é'.repeat(128), 'longer than 255 bytes'],
])('%j is no name: it %s', (name, fault) => {
	expect(nameFault(name)).toContain(fault);
	expect(Name.safeParse(name).success).toBe(false);
});

test.each(['a', '...', ' ', 'é', 'a\nb', 'con', 'x'.repeat(255), `${'é'.repeat(127)}x`, '\u202Eevil', '🦆'])(
	'%j is a name',
	(name) => {
		expect(nameFault(name)).toBeUndefined();
	},
);

const text = fc.string({
	unit: fc.oneof(
		fc.constantFrom('/', '.', '\0', '\u0301', '\ud800'),
		fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
	),
});

test('the length in UTF-8 is that of the bytes, for halves of characters, too', () => {
	fc.assert(fc.property(text, (name) => expect(utf8Length(name)).toBe(new TextEncoder().encode(name).length)));
	expect(utf8Length('aé€👩\udc00\ud800')).toBe(1 + 2 + 3 + 4 + 3 + 3);
});

test('whatever comes, a name that passes is one step of a path, exactly as it was', () => {
	fc.assert(
		fc.property(text, (name) => {
			if (nameFault(name) !== undefined) return;
			expect(parsePath(`/${name}`)).toEqual([name]);
			expect(Buffer.from(name).toString()).toBe(name);
			expect(utf8Length(name)).toBeLessThanOrEqual(LIMITS.nameBytes);
		}),
	);
});

test('a path is cut into names or refused, never climbed', () => {
	fc.assert(
		fc.property(text, (path) => {
			let names: Name[];
			try {
				names = parsePath(path);
			} catch (error) {
				expect(error).toBeInstanceOf(RangeError);
				return;
			}
			for (const name of names) expect(nameFault(name)).toBeUndefined();
		}),
	);
});

test('a path that is typed may be in another normal form, and too deep is refused', () => {
	expect(parsePath('//e\u0301//b/')).toEqual(['é', 'b']);
	expect(parsePath('/')).toEqual([]);
	expect(() => parsePath('a')).toThrow('starts with "/"');
	expect(() => parsePath('/a'.repeat(LIMITS.pathDepth + 1))).toThrow('at most 200');
});

test('names that a case-insensitive disk takes for one have one key', () => {
	const key = (name: string) => nameKey(name as Name);
	expect(key('README.md')).toBe(key('readme.MD'));
	expect(new Set(['Straße', 'STRASSE', 'STRAẞE'].map(key)).size).toBe(1);
	expect(key('Éa')).toBe(key('éA'));
	expect(key('a')).not.toBe(key('b'));
	fc.assert(fc.property(text, (name) => expect(key(key(name))).toBe(key(name))));
});
