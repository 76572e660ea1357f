import { hash } from 'node:crypto';
import { type Name, nameFault, utf8Length } from '@mydropbox/protocol';
import { withSuffix } from '@mydropbox/sync-engine';
import type { DiskTraits } from './traits.ts';

/**
 * A name that a disk cannot hold is spelled there as an alias, from which anybody can tell the name without knowing the
 * disk or any database. In an alias MARK stands before each character that means another one; anywhere else MARK is just
 * itself. The idea is rclone's.
 *
 * `a:b` is `a‛：b`, `plan.` is `plan‛．`, a second `Readme.md` beside `README.md` is `Readme‛².md`, `CON.txt` is
 * `CON‛¹.txt`, and a name that looks like an alias has each MARK doubled. What would get too long is cut and ends in the
 * digest of its name, see `shortAlias`.
 */
const MARK = '‛';
const DIGITS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const DIGEST = '＃';

/** What Windows refuses in a name, and what stands for it: the full-width form, or the picture of a control character. */
const FORBIDDEN = ['<', '>', ':', '"', '\\', '|', '?', '*', ...Array.from({ length: 31 }, (_, i) => chr(i + 1))];
const FORBIDDEN_AT_END = ['.', ' '];
const STANDS_FOR = new Map([...FORBIDDEN, ...FORBIDDEN_AT_END].map((character) => [substitute(character), character]));

function substitute(character: string): string {
	const code = character.charCodeAt(0);
	return chr(code + (code > 0x20 ? 0xfee0 : 0x2400));
}
function chr(code: number): string {
	return String.fromCharCode(code);
}

/** Names of devices on Windows, whatever follows after a dot. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/iu;

/**
 * How a disk spells a name: as it is, or as an alias.
 * @param isTaken whether something else in the folder has this spelling, or one that the disk takes for the same.
 */
export function spell(name: Name, traits: DiskTraits, isTaken: (spelling: string) => boolean): string {
	const mustEscape =
		looksLikeAlias(name) ||
		(traits.windowsNames && (setMarks(name) !== name.replaceAll(MARK, MARK + MARK) || RESERVED.test(name)));
	if (!mustEscape && fits(name, traits) && !isTaken(name)) return name;
	const escaped = setMarks(name);
	for (let number = mustEscape ? leastNumber(name) : 2; ; number++) {
		const alias = withNumber(escaped, number);
		if (!fits(alias, traits)) return shortAlias(name);
		if (!isTaken(alias)) return alias;
	}
}

/**
 * The name that a spelling on any disk stands for. Not checked: it is faulty when the spelling itself is.
 * @param longName finds the name with a digest.
 */
export function nameOf(spelling: string, longName: (digest: string) => Name | undefined): Name {
	const text = spelling.normalize('NFC');
	for (const [, digest] of text.matchAll(SHORTENED)) {
		const long = longName(digest!);
		// Whoever renames a shortened file means the new name.
		if (long !== undefined && shortAlias(long) === text) return long;
	}
	const name = readMarks(text).normalize('NFC');
	return (nameFault(name) === undefined ? name : text) as Name;
}

/** Needs `digestOf(name)` to be remembered: the spelling alone does not hold the whole name. Fits on every disk. */
export const shortAlias = (name: Name): string =>
	withSuffix(withNumber(setMarks(name), leastNumber(name)), MARK + DIGEST + digestOf(name), SHORT_BYTES);

/** Fewer than on any disk that people have: eCryptfs has room for 143. */
const SHORT_BYTES = 120;
const SHORTENED = new RegExp(`${MARK}${DIGEST}([0-9a-f]{16})`, 'gu');

export const digestOf = (name: Name): string => hash('sha256', name, 'hex').slice(0, 16);

/** The result is valid on Windows but for device names, and therefore everywhere. */
function setMarks(name: string): string {
	const end = name.length - 1;
	return name.replace(/./gsu, (character, index: number) => {
		if (character === MARK) return MARK + MARK;
		const isForbidden = FORBIDDEN.includes(character) || (index === end && FORBIDDEN_AT_END.includes(character));
		return isForbidden ? MARK + substitute(character) : character;
	});
}

const MARKED = new RegExp(`${MARK}(.)`, 'gsu');

const readMarks = (text: string): string =>
	text.replace(MARKED, (pair, next: string) => {
		if (next === MARK) return MARK;
		return DIGITS.includes(next) ? '' : (STANDS_FOR.get(next) ?? pair);
	});

const looksLikeAlias = (name: string): boolean => readMarks(name) !== name || name.includes(MARK + DIGEST);

/** A number that means nothing sets equal spellings apart, and a device's name from a file's. Before the first dot: `CON.tar.gz` is `CON` to Windows. */
const withNumber = (escaped: string, number: number): string =>
	number === 0
		? escaped
		: escaped.replace(
				/^.[^.]*/su,
				(stem) => stem + String(number).replace(/\d/g, (digit) => MARK + DIGITS[Number(digit)]),
			);

const leastNumber = (name: string): number => (RESERVED.test(name) ? 1 : 0);

/** A disk that takes names apart into base characters and accents counts those, up to 255. */
const fits = (spelling: string, { nameBytes, normalising }: DiskTraits): boolean =>
	utf8Length(spelling) <= nameBytes && (!normalising || spelling.normalize('NFD').length <= 255);
