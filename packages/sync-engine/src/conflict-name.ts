import { LIMITS, type Name, nameFault, utf8Length } from '@mydropbox/protocol';

export interface Signature {
	readonly device: string;
	/** A day, e.g. 2026-11-21. */
	readonly date: string;
}

/**
 * "plan.txt" → "plan (conflicted copy, laptop, 2026-11-21).txt"; the second one that day ends in "2026-11-21 2)".
 * Always a valid name: the stem is shortened where it would get too long.
 */
export function conflictName(name: Name, { device, date }: Signature, attempt: number): Name {
	return withSuffix(name, ` (conflicted copy, ${device}, ${date}${attempt > 1 ? ` ${attempt}` : ''})`);
}

/** "plan (conflicted copy, laptop, 2026-11-21 2).txt" → "plan.txt"; any other name is its own. */
export function originalName(name: Name): Name {
	const original = name.replaceAll(/ \(conflicted copy, .*?, \d{4}-\d\d-\d\d(?: \d+)?\)/gs, '');
	return nameFault(original) === undefined ? (original as Name) : name;
}

/** Puts the suffix before the extension, and shortens what is before the suffix to what `bytes` of UTF-8 leave room for. */
export function withSuffix(name: string, suffix: string, bytes: number = LIMITS.nameBytes): Name {
	const dot = name.lastIndexOf('.');
	const isExtension = dot > 0 && utf8Length(name.slice(dot)) <= 32;
	const stem = isExtension ? name.slice(0, dot) : name;
	const extension = isExtension ? name.slice(dot) : '';
	const room = bytes - utf8Length(suffix + extension);
	return (shorten(stem, room) + suffix + extension).normalize('NFC') as Name;
}

/** The longest beginning that fits, cut between characters as people count them as far as code points tell. */
function shorten(text: string, bytes: number): string {
	if (utf8Length(text) <= bytes) return text;
	const points = Array.from(text);
	while (points.length > 0 && utf8Length(points.join('')) > bytes) points.pop();
	return points.join('');
}
