import type { Name } from '@mydropbox/protocol';
import ignore from 'ignore';

/** Says what of a folder, and of what is below it, MyDropbox leaves alone: gitignore's syntax. Is itself synced. */
export const RULE_FILE = '.mydropboxignore' as Name;

/** The library remembers each path that it was asked about; this many are enough to be fast. */
const PATHS_REMEMBERED = 20_000;

/** Patterns of one or more rule files, the later ones stronger. Upper and lower case differ, on every device. */
export class Patterns {
	#matcher: ReturnType<typeof ignore>;
	#asked = 0;

	constructor(lines: readonly string[]) {
		this.#matcher = ignore({ ignorecase: false }).add(lines);
	}

	/** @param path from the root down; a folder's ends in a slash. True, too, when a folder above is ignored. */
	ignores(path: string): boolean {
		if (++this.#asked % PATHS_REMEMBERED === 0) this.#matcher = ignore({ ignorecase: false }).add(this.#matcher);
		return this.#matcher.ignores(path);
	}
}

/**
 * The patterns of a rule file, rewritten so that they mean in the root what they mean in their folder.
 * @param folder path of the folder: '' for the root, else with a slash at its end.
 */
export function patternsOf(text: string, folder: string): string[] {
	const lines = text
		.replace(/^\ufeff/, '')
		.normalize('NFC')
		.split(/\r?\n/);
	return folder === '' ? lines : lines.flatMap((line) => below(folder, line) ?? []);
}

function below(folder: string, line: string): string | undefined {
	if (line.startsWith('#')) return undefined;
	const negation = line.startsWith('!') ? '!' : '';
	const body = line.slice(negation.length);
	const bare = withoutEnd(withoutEnd(body, ' '), '/');
	if (bare === '') return undefined;
	const isAnchored = bare.includes('/');
	return `${negation}/${literally(folder)}${isAnchored ? body.replace(/^\//, '') : `**/${body}`}`;
}

/** Spaces at the end mean nothing; a slash there means a folder, and no place. */
function withoutEnd(text: string, character: ' ' | '/'): string {
	let end = text.length;
	while (text[end - 1] === character) end--;
	return text.slice(0, end);
}

const literally = (path: string): string => path.replace(/[\\*?[]/g, '\\$&');
