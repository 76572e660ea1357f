import { z } from 'zod';
import { LIMITS } from './limits.ts';

/** Bytes of a text in UTF-8. Counted, as it is asked of every name all the time and the bytes themselves are not needed. */
export function utf8Length(text: string): number {
	let bytes = text.length;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit < 0x80) continue;
		bytes += unit < 0x800 ? 1 : 2;
		// A pair of surrogates is 4 bytes; half of one alone becomes U+FFFD, which is 3.
		if (text.codePointAt(i)! > 0xffff) i++;
	}
	return bytes;
}

/** What is wrong with a name, in words that end "the name …", or undefined when nothing is. */
export function nameFault(name: string): string | undefined {
	if (name === '') return 'is empty';
	if (name === '.' || name === '..') return `is "${name}", which means another folder`;
	if (name.includes('/')) return 'contains a slash';
	if (name.includes('\0')) return 'contains a NUL character';
	if (!name.isWellFormed()) return 'is not valid Unicode';
	if (name.normalize('NFC') !== name) return 'is not in Unicode normal form C (NFC)';
	if (utf8Length(name) > LIMITS.nameBytes) return `is longer than ${LIMITS.nameBytes} bytes in UTF-8`;
	return undefined;
}

/** One step of a path, exactly as it travels: NFC, 1 to 255 bytes of UTF-8, no slash, no NUL, not "." or "..". */
export const Name = z
	.string()
	.superRefine((name, context) => {
		const fault = nameFault(name);
		if (fault) context.addIssue({ code: 'custom', message: `the name ${fault}` });
	})
	.brand<'Name'>();
export type Name = z.infer<typeof Name>;

/** Equal for names that a case-insensitive disk cannot hold side by side. Lower case first, for "ẞ" is its own upper case and "ß" is not. */
export const nameKey = (name: Name): string =>
	name.toLocaleLowerCase('und').toLocaleUpperCase('und').toLocaleLowerCase('und').normalize('NFC');

/** Splits "/a/b" into its names; "/" is the empty list. Text that a person typed is brought to NFC first. */
export function parsePath(path: string): Name[] {
	if (!path.startsWith('/')) throw new RangeError('a path starts with "/"');
	const names = path
		.normalize('NFC')
		.split('/')
		.filter((name) => name !== '');
	if (names.length > LIMITS.pathDepth) throw new RangeError(`a path has at most ${LIMITS.pathDepth} names`);
	return names.map((name) => {
		const fault = nameFault(name);
		if (fault) throw new RangeError(`the name ${fault}`);
		return name as Name;
	});
}
