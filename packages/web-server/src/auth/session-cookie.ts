import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';

/**
 * With HTTPS the name's prefix makes browsers insist on Secure, on this host only, on the whole site. Over plain
 * HTTP, as on localhost, browsers would refuse such a cookie.
 */
const nameFor = (request: Request): string => (request.secure ? '__Host-mydropbox' : 'mydropbox-session');

export const readSessionCookie = (request: Request): string | undefined =>
	parseCookie(request.get('cookie') ?? '')[nameFor(request)];

/** Lax: a link to the site from elsewhere finds the person signed in; changing requests are checked in same-origin.ts. */
export function setSessionCookie(request: Request, reply: Response, token: string, expires: Date): void {
	reply.append('Set-Cookie', cookie(request, token, expires));
}

export function clearSessionCookie(request: Request, reply: Response): void {
	reply.append('Set-Cookie', cookie(request, '', new Date(0)));
}

const cookie = (request: Request, value: string, expires: Date): string =>
	stringifySetCookie({
		name: nameFor(request),
		value,
		expires,
		path: '/',
		httpOnly: true,
		sameSite: 'lax',
		secure: request.secure,
	});
