import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface TestServer {
	readonly origin: string;
	readonly requests: IncomingMessage[];
	close(): Promise<void>;
}

/** A real HTTP server that answers what the test says. */
export async function serve(handler: Handler): Promise<TestServer> {
	const requests: IncomingMessage[] = [];
	const server = createServer((request, response) => {
		requests.push(request);
		handler(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		requests,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

export function answer(
	response: ServerResponse,
	status: number,
	json: unknown,
	headers: Record<string, string> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}

export const refuse = (
	response: ServerResponse,
	status: number,
	code: string,
	headers: Record<string, string> = {},
): void => answer(response, status, { error: { code, message: `refused: ${code}` } }, headers);

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of request) pieces.push(piece);
	return Buffer.concat(pieces);
}
