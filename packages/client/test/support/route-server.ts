import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export const NAMESPACE = '33'.repeat(16);
const USER = '44'.repeat(16);

/** As much of a route-server as signing in and out needs, with one account: ann, "correct horse". */
export class RouteServer {
	origin = '';
	protocol = 1;
	/** The refresh tokens that are good now. */
	readonly devices = new Map<string, string>();
	readonly accounts: unknown[] = [];
	readonly #server = createServer((request, response) => void this.#answer(request, response));
	#made = 0;

	async start(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
		return this;
	}

	async stop(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
		switch (`${request.method} ${request.url}`) {
			case 'GET /.well-known/mydropbox':
				return send(response, 200, {
					service: 'mydropbox',
					protocol: this.protocol,
					routeServer: null,
					webServer: 'http://localhost:8080',
				});
			case 'POST /v1/users':
				this.accounts.push(await json(request));
				return send(response, 201, {});
			case 'POST /v1/devices': {
				const { username, password, device } = (await json(request)) as Record<string, string>;
				if (password !== 'correct horse') return refuse(response, 401, 'wrong-password');
				const refreshToken = String(++this.#made).padStart(43, 'r');
				this.devices.set(refreshToken, device!);
				const user = username === 'ann' ? USER : '55'.repeat(16);
				const id = String(this.#made).padStart(32, '0');
				return send(response, 201, { user, username, device: id, refreshToken });
			}
			case 'POST /v1/tokens':
				if (!this.devices.has(token)) return refuse(response, 401, 'not-signed-in');
				return send(response, 200, { grants: [this.#grant()] });
			case 'DELETE /v1/devices/self':
				if (!this.devices.delete(token)) return refuse(response, 401, 'not-signed-in');
				return void response.writeHead(204).end();
			default:
				return refuse(response, 404, 'no-such-route');
		}
	}

	#grant() {
		const namespaces = [{ id: NAMESPACE, kind: 'root', rights: 'write' }];
		return { dataServer: 'data1', url: this.origin, token: 't', expiresIn: 900, available: true, namespaces };
	}
}

function send(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const refuse = (response: ServerResponse, status: number, code: string): void =>
	send(response, status, { error: { code, message: `refused: ${code}` } });
