import { ApiError } from '@mydropbox/protocol';
import type { Request } from 'express';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another website makes a visitor's browser send (CSRF). The rules are those of Go's
 * `http.CrossOriginProtection`: browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`;
 * a request with neither does not come from a browser. One with a bearer token was not made by a cookie.
 * @throws ApiError `csrf-refused`.
 */
export function refuseOtherSites(request: Request): void {
	if (SAFE_METHODS.has(request.method) || request.get('authorization') !== undefined) return;
	const site = request.get('sec-fetch-site');
	if (site !== undefined) {
		if (site === 'same-origin' || site === 'none') return;
	} else {
		const origin = request.get('origin');
		if (origin === undefined || hostOf(origin) === request.host) return;
	}
	throw new ApiError(
		'csrf-refused',
		'This request came from another website and was refused; nothing was done. Use the MyDropbox site itself, or a token.',
	);
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
