import { ApiError, PROTOCOL_VERSION, VERSION_HEADER } from '@mydropbox/protocol';
import type { NextFunction, Request, Response } from 'express';

/** Refuses daemons and servers that are more than one protocol version away. Browsers and scripts send no version. */
export function checkVersion(request: Request, reply: Response, next: NextFunction): void {
	reply.set(VERSION_HEADER, String(PROTOCOL_VERSION));
	const theirs = request.get(VERSION_HEADER);
	if (theirs !== undefined) refuseStranger(theirs);
	next();
}

/** What a newer client asked for and this server does not know is no fault of the client: somebody has to update. */
export function explainToNewer(request: Request, refusal: unknown): unknown {
	const isUnknown = refusal instanceof ApiError && ['bad-request', 'no-such-route'].includes(refusal.code);
	if (!isUnknown || !(Number(request.get(VERSION_HEADER)) > PROTOCOL_VERSION)) return refusal;
	return new ApiError(
		'protocol-version',
		`This server speaks version ${PROTOCOL_VERSION} of the protocol and does not know what the request asks for (${refusal.message}). The server has to be updated first.`,
	);
}

function refuseStranger(theirs: string): void {
	const distance = Number(theirs) - PROTOCOL_VERSION;
	if (Math.abs(distance) <= 1) return;
	const advice = distance < 0 ? 'Update MyDropbox on the device.' : 'The server has to be updated first.';
	throw new ApiError(
		'protocol-version',
		`This server speaks version ${PROTOCOL_VERSION} of the protocol, the request version ${theirs.slice(0, 20)}. ${advice}`,
	);
}
