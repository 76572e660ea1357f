import { type Link, linkByToken } from '@mydropbox/central';
import { ApiError, LinkId } from '@mydropbox/protocol';
import { bearerToken } from '@mydropbox/server-kit';
import type { Request } from 'express';
import type { WebContext } from '../context.ts';
import { readLinkCookie } from './link-cookie.ts';
import { anyone } from './signed-in.ts';

/**
 * Whoever follows a link: a script with the link's token as a bearer token, or a browser that has opened the link, by
 * `?link=`. @throws ApiError `not-found`, or `not-signed-in` when this browser has not opened it.
 */
export async function visitor(request: Request, { central }: WebContext): Promise<Link> {
	anyone(request);
	if (request.get('authorization') !== undefined) return linkByToken(central, bearerToken(request));
	const id = LinkId.safeParse(request.query.link);
	const token = id.success ? readLinkCookie(request, id.data) : undefined;
	const link = token === undefined ? undefined : await linkByToken(central, token);
	if (!link || link.id !== id.data)
		throw new ApiError('not-signed-in', 'Your browser has forgotten the link. Open it again, with its whole address.');
	return link;
}
