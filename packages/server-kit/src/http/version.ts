import { ApiError, PROTOCOL_VERSION, VERSION_HEADER } from '@mydropbox/protocol';
import type { NextFunction, Request, Response } from 'express';

/** Refuses daemons and servers that are more than one protocol version away. Browsers and scripts send no version. */
export function checkVersion(request: Request, reply: Response, next: NextFunction): void {
	reply.set(VERSION_HEADER, String(PROTOCOL_VERSION));
	const theirs = request.get(VERSION_HEADER);
	if (theirs === undefined) return next();
	const distance = Number(theirs) - PROTOCOL_VERSION;
	if (Math.abs(distance) <= 1) return next();
	const older =
		distance < 0
			? 'Update MyDropbox on this device'
			: "Ask whoever runs the server to update it, or use this server's version";
	throw new ApiError(
		'protocol-version',
		`This server speaks version ${PROTOCOL_VERSION} of the protocol and the request came with "${theirs.slice(0, 20)}". ${older}.`,
	);
}
