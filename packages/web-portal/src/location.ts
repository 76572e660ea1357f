/** The address of a folder's page, and back. Each name is encoded by itself, so that any name makes a good address. */
export function folderAddress(path: string): string {
	const names = path.split('/').filter((name) => name !== '');
	return ['/files', ...names.map(encodeURIComponent)].join('/');
}

/** @param pathname as the browser's address bar has it, still encoded. */
export function folderOf(pathname: string): string {
	const names = pathname
		.slice('/files'.length)
		.split('/')
		.filter((name) => name !== '');
	return `/${names.map(decodeName).join('/')}`;
}

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
