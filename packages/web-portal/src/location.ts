import { LINK_PAGE, type LinkToken } from '@mydropbox/protocol/web';
import type { Path } from 'react-router';

/** The address of a folder's page, and back. Each name is encoded by itself, so that any name makes a good address. */
export function folderAddress(path: string): string {
	return ['/files', ...namesOf(path).map(encodeURIComponent)].join('/');
}

/** @param pathname as the browser's address bar has it, still encoded. */
export function folderOf(pathname: string): string {
	return `/${namesOf(pathname.slice('/files'.length)).map(decodeName).join('/')}`;
}

/** "/a/b" → ["a", "b"]; slashes too many, as somebody may type them, do no harm. */
export const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '');

/** An address that somebody typed may hold a lone "%". */
function decodeName(encoded: string): string {
	try {
		return decodeURIComponent(encoded);
	} catch {
		return encoded;
	}
}

/** Where to go after signing in: a page of this site, whatever the address bar says. */
export function nextAddress(search: string): string {
	const next = new URLSearchParams(search).get('next');
	return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/files';
}

/** What is given to others: the token is in the fragment, which browsers keep to themselves. */
export const linkAddress = (origin: string, token: LinkToken): string => `${origin}${LINK_PAGE}#${token}`;

/** The page of a link, at a folder in what it leads to. */
export const sharedAddress = (token: LinkToken, path: string): Path => ({
	pathname: LINK_PAGE,
	search: path === '/' ? '' : `?path=${encodeURIComponent(path).replaceAll('%2F', '/')}`,
	hash: `#${token}`,
});

/** @param search of a `sharedAddress`. */
export const sharedPath = (search: string): string =>
	`/${namesOf(new URLSearchParams(search).get('path') ?? '').join('/')}`;

/** "localhost" is another computer for every computer. */
export const meansThisComputer = (hostname: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
