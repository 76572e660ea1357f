import { LIMITS, type Name, utf8Length } from '@mydropbox/protocol';

/** "a.txt", 2 → "a (2).txt". A name that would get too long loses characters before the number. */
export function copyName(name: Name, number: number): Name {
	const dot = name.lastIndexOf('.');
	const stem = dot > 0 ? name.slice(0, dot) : name;
	const ending = ` (${number})${name.slice(stem.length)}`;
	const characters = [...stem];
	// An ending alone that fills the name is no ending that anybody reads.
	if (utf8Length(ending) >= LIMITS.nameBytes)
		return copyName([...name].slice(0, 40).join('').replaceAll('.', '_') as Name, number);
	while (utf8Length(characters.join('') + ending) > LIMITS.nameBytes) characters.pop();
	return (characters.join('') + ending).normalize('NFC') as Name;
}
