import type { LinkId } from '@mydropbox/protocol';
import { API_BASE } from '@mydropbox/protocol/web';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';

/** One for each link that the browser has opened; it ends with the browser. */
const nameFor = (request: Request, id: LinkId): string => `${request.secure ? '__Secure-' : ''}mydropbox-link-${id}`;

export const readLinkCookie = (request: Request, id: LinkId): string | undefined =>
	parseCookie(request.get('cookie') ?? '')[nameFor(request, id)];

export function setLinkCookie(request: Request, reply: Response, id: LinkId, token: string): void {
	reply.append(
		'Set-Cookie',
		stringifySetCookie({
			name: nameFor(request, id),
			value: token,
			path: `${API_BASE}/shared`,
			httpOnly: true,
			sameSite: 'lax',
			secure: request.secure,
		}),
	);
}
