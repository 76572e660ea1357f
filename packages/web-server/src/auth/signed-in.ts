import { type Device, sessionDevice } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import { bearerToken } from '@mydropbox/server-kit';
import type { Request } from 'express';
import type { WebContext } from '../context.ts';
import { refuseOtherSites } from './same-origin.ts';
import { readSessionCookie } from './session-cookie.ts';

export interface Session {
	readonly token: string;
	readonly byCookie: boolean;
	/** Stands for the session where others have a device. */
	readonly device: Device;
}

/** For endpoints that anybody may ask. */
export function anyone(request: Request): void {
	refuseOtherSites(request);
	request.res?.set('Cache-Control', 'no-store');
}

/** A script's bearer token, or else the browser's cookie. @throws ApiError `not-signed-in`. */
export async function signedIn(request: Request, { central }: WebContext): Promise<Session> {
	anyone(request);
	// With a header of another kind, silently taking the cookie instead would surprise.
	const byCookie = request.get('authorization') === undefined;
	const token = byCookie ? readSessionCookie(request) : bearerToken(request);
	if (!token) throw new ApiError('not-signed-in', 'You are not signed in. Sign in first.');
	return { token, byCookie, device: await sessionDevice(central, token) };
}
