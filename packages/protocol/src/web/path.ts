import { z } from 'zod';
import { parsePath } from '../names.ts';

/** Characters of a path in a request: 200 names of 255 bytes each fit, with their slashes. */
const PATH_CHARACTERS = 60_000;

/**
 * A path as a person or script writes it: brought to NFC, extra slashes removed, never "..". What comes out has one
 * spelling per place: "/" or "/a/b".
 */
export const Path = z
	.string()
	.max(PATH_CHARACTERS)
	.transform((text, context) => {
		try {
			return joinPath(parsePath(text));
		} catch (error) {
			context.addIssue({ code: 'custom', message: (error as Error).message });
			return z.NEVER;
		}
	})
	.meta({ description: 'Starts with "/", which is the root folder.', examples: ['/Photos/2026'] });

/** A path that is not the root folder. */
export const PathBelowRoot = Path.refine((path) => path !== '/', 'is the root folder, which always stays as it is');

export const joinPath = (names: readonly string[]): string => `/${names.join('/')}`;

/** "/a" + "b" → "/a/b". */
export const childPath = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`);

/** "/a/b" → ["/a", "b"]; not for the root. */
export function splitPath(path: string): [folder: string, name: string] {
	const slash = path.lastIndexOf('/');
	return [path.slice(0, slash) || '/', path.slice(slash + 1)];
}
