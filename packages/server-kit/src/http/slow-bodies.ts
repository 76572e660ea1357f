import { ApiError } from '@mydropbox/protocol';
import type { Request, RequestHandler } from 'express';
import { answerErrors } from './errors.ts';

/** What a body has to bring at least in each period, or its request is refused. */
export interface Pace {
	readonly bytes: number;
	readonly everyMs: number;
}

/** A kilobyte a second. Lines that people sync over are ten times faster. */
export const SLOWEST: Pace = { bytes: 60 * 1024, everyMs: 60_000 };

/** Whoever sends a byte now and then would otherwise hold a connection, and memory for what has come so far, for days. */
export function refuseSlowBodies({ bytes, everyMs }: Pace): RequestHandler {
	return (request, reply, next) => {
		next();
		if (!hasBody(request)) return;
		const { socket } = request;
		let before = socket.bytesRead;
		const look = setInterval(() => {
			const came = socket.bytesRead - before;
			before = socket.bytesRead;
			// What has come and was not read waits for us, and not we for it.
			if (request.complete || request.readableLength > 0 || came >= bytes) return;
			// Answered without waiting for all of it.
			if (reply.headersSent) {
				if (reply.writableEnded) request.destroy();
				return;
			}
			clearInterval(look);
			const message = `The body comes too slowly: ${came} bytes in ${everyMs / 1000} seconds. Nothing of it was kept; send it again.`;
			reply.set('Connection', 'close');
			answerErrors(new ApiError('truncated-body', message), request, reply, next);
		}, everyMs);
		request.once('close', () => clearInterval(look));
	};
}

const hasBody = ({ headers }: Request): boolean =>
	headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
