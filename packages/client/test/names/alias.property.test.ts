import { type Name, nameFault, utf8Length } from '@mydropbox/protocol';
import fc from 'fast-check';
import { digestOf, nameOf, shortAlias, spell } from '../../src/names/alias.ts';
import { type DiskTraits, spellingKey } from '../../src/names/traits.ts';

// S15: names round-trip between different disks.

const traits = fc.record<DiskTraits>({
	caseInsensitive: fc.boolean(),
	normalising: fc.boolean(),
	windowsNames: fc.boolean(),
	nameBytes: fc.constantFrom(255, 143, 120),
});

const nasty = fc.constantFrom(
	...[
		'‛',
		'‛‛',
		'‛：',
		'‛²',
		'‛＃',
		'：',
		'．',
		'␠',
		'¹',
		'＃0123456789abcdef',
		':',
		'?',
		'<',
		'\u0338',
		'\u0301',
		'\n',
	],
	...[
		'\u007f',
		'.',
		' ',
		'CON',
		'aux',
		'com¹',
		'ß',
		'ẞ',
		'SS',
		'İ',
		'ı',
		'é',
		'ﬀ',
		'ΐ',
		'👩\u200d💻',
		'\u202e',
		'한',
		'א',
	],
);
const text = fc.string({
	unit: fc.oneof(nasty, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('a', 'A', 'b', '.')),
	maxLength: 30,
});
const toName = (raw: string): Name => {
	let name = raw.slice(0, 255).toWellFormed().replaceAll(/[/\0]/g, '_').normalize('NFC');
	while (utf8Length(name) > 255) name = [...name].slice(0, -1).join('');
	return (nameFault(name) === undefined ? name : 'x') as Name;
};
const name = fc.oneof(
	text.map(toName),
	fc.tuple(text, fc.integer({ min: 1, max: 255 })).map(([raw, times]) => toName(raw.repeat(times))),
);

/** Decodes with a book that holds everything that was shortened. */
const book = (names: readonly Name[]) => {
	const byDigest = new Map(names.map((each) => [digestOf(each), each]));
	return (digest: string) => byDigest.get(digest);
};
/** Spells names one after the other into one folder. */
function spellAll(names: readonly Name[], disk: DiskTraits): string[] {
	const keys = new Set<string>();
	return names.map((each) => {
		const spelling = spell(each, disk, (other) => keys.has(spellingKey(other, disk)));
		keys.add(spellingKey(spelling, disk));
		return spelling;
	});
}

const isWindowsName = (spelling: string): boolean =>
	!/[<>:"\\|?*]|[. ]$/.test(spelling) &&
	[...spelling].every((character) => character >= ' ') &&
	!/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i.test(spelling.split('.')[0]!.trimEnd());

test('what a disk spells stands for the name, whichever normal form the disk lists it in', () => {
	fc.assert(
		fc.property(name, traits, (wire, disk) => {
			const [spelling] = spellAll([wire], disk);
			expect(nameOf(spelling!, book([wire]))).toBe(wire);
			expect(nameOf(spelling!.normalize('NFD'), book([wire]))).toBe(wire);
		}),
		{ numRuns: 500 },
	);
});

test('a disk gets only names that it can hold', () => {
	fc.assert(
		fc.property(name, traits, (wire, disk) => {
			const [spelling] = spellAll([wire], disk);
			expect(nameFault(spelling!)).toBeUndefined();
			expect(utf8Length(spelling!)).toBeLessThanOrEqual(disk.nameBytes);
			if (disk.windowsNames) expect([spelling, isWindowsName(spelling!)]).toEqual([spelling, true]);
			expect(isWindowsName(shortAlias(wire))).toBe(true);
		}),
		{ numRuns: 500 },
	);
});

test('different names in one folder are different on every disk, and all of them are known again', () => {
	const alike = name.chain((one) =>
		fc.uniqueArray(
			fc.constantFrom(
				...[
					one,
					one.toLowerCase(),
					one.toUpperCase(),
					`${one}‛²`,
					spell(one, WINDOWS, (spelling) => spelling === one),
					shortAlias(one),
				].map(toName),
			),
		),
	);
	fc.assert(
		fc.property(fc.oneof(fc.uniqueArray(name), alike), traits, (names, disk) => {
			const spellings = spellAll(names, disk);
			expect(new Set(spellings.map((each) => spellingKey(each, disk))).size).toBe(names.length);
			expect(spellings.map((each) => nameOf(each, book(names)))).toEqual(names);
		}),
		{ numRuns: 500 },
	);
});

test('a name that any disk can hold is spelled as it is', () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[a-z0-9 _-]{0,40}[a-z0-9]$/), traits, (plain, disk) => {
			fc.pre(isWindowsName(plain));
			expect(spellAll([plain as Name], disk)).toEqual([plain]);
		}),
	);
});

test('every spelling that people make stands for a valid name, or for itself', () => {
	fc.assert(
		fc.property(text, (spelling) => {
			const wire = nameOf(spelling, () => undefined);
			expect(wire === spelling.normalize('NFC') || nameFault(wire) === undefined).toBe(true);
		}),
	);
});

const WINDOWS: DiskTraits = { caseInsensitive: true, normalising: false, windowsNames: true, nameBytes: 255 };
const free = () => false;

test.each([
	['a:b', 'a‛：b'],
	['plan.', 'plan‛．'],
	['plan ', 'plan‛␠'],
	['two\nlines', 'two‛␊lines'],
	['CON', 'CON‛¹'],
	['con.tar.gz', 'con‛¹.tar.gz'],
	['a‛：b', 'a‛‛：b'],
	['‛single quotes’', '‛single quotes’'],
	['Datei：neu', 'Datei：neu'],
])('Windows spells %j as %j', (wire, spelling) => {
	expect(spell(wire as Name, WINDOWS, free)).toBe(spelling);
});

test('the second of two names that differ in case gets a number', () => {
	expect(spellAll(['README.md', 'Readme.md', 'readme.md'] as Name[], WINDOWS)).toEqual([
		'README.md',
		'Readme‛².md',
		'readme‛³.md',
	]);
});

test('a long name keeps its beginning and its extension', () => {
	const long = `${'é'.repeat(120)}.backup` as Name;
	const spelling = spell(long, { ...WINDOWS, nameBytes: 143 }, free);
	expect(spelling).toMatch(/^é{20,}‛＃[0-9a-f]{16}\.backup$/);
	expect(nameOf(spelling.replace('backup', 'txt'), book([long]))).not.toBe(long);
});
