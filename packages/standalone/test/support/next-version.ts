import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { PROTOCOL_VERSION, VERSION_HEADER } from '@mydropbox/protocol';
import { afterwards } from './cleanup.ts';
import type { Product } from './product.ts';

const NEXT = String(PROTOCOL_VERSION + 1);

/**
 * Stands between devices and a product, and makes each believe that the other speaks the next version of the protocol:
 * the header says so, and every object in an answer has a field more than this version knows.
 */
export class NextVersion {
	/** Answered instead, as long as it is set: a server that is too far away. */
	tooFar = false;
	refused = 0;
	readonly #product: Product;
	#origin = '';

	private constructor(product: Product) {
		this.#product = product;
	}

	static async before(product: Product): Promise<NextVersion> {
		const proxy = new NextVersion(product);
		const server = createServer((from, to) => {
			proxy.#pass(from, to).catch(() => to.destroy());
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		proxy.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		afterwards(async () => {
			server.closeAllConnections();
			server.close();
		});
		return proxy;
	}

	/** The product as devices see it. */
	get product(): Product {
		return { site: this.#origin } as Product;
	}

	async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
		const { pathname } = new URL(from.url as string, this.#origin);
		if (this.tooFar && pathname !== '/v1/tokens') {
			this.refused++;
			const error = {
				code: 'protocol-version',
				message: 'This server speaks version 3. Update MyDropbox on the device.',
			};
			to.writeHead(426, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ error }));
			return;
		}
		const headers = without(['host', 'connection', 'transfer-encoding'], from.headers);
		if (headers[VERSION_HEADER] !== undefined) headers[VERSION_HEADER] = NEXT;
		const asking = request(this.#behind(pathname) + from.url, { method: from.method, headers });
		const [[answer]] = (await Promise.all([once(asking, 'response'), pipeline(from, asking)])) as [
			[IncomingMessage],
			undefined,
		];
		const answered = without(['connection', 'transfer-encoding', 'content-length'], answer.headers);
		to.writeHead(answer.statusCode as number, { ...answered, [VERSION_HEADER]: NEXT });
		if (!String(answered['content-type']).startsWith('application/json')) return pipeline(answer, to);
		to.end(JSON.stringify(this.#doctored(await json(answer))));
	}

	#behind(path: string): string {
		if (path === '/.well-known/mydropbox') return this.#product.site;
		const isRoute = path === '/v1/tokens' || path.startsWith('/v1/devices') || path === '/v1/users';
		return isRoute ? this.#product.routeUrl : this.#product.dataUrl(1);
	}

	#doctored(value: unknown): unknown {
		if (Array.isArray(value)) return value.map((item) => this.#doctored(item));
		if (typeof value !== 'object' || value === null) return value;
		const fields = Object.entries(value).map(([name, field]) => {
			const isAddress = name === 'routeServer' || name === 'url';
			return [name, isAddress ? this.#origin : this.#doctored(field)];
		});
		return { ...Object.fromEntries(fields), fromTheNextVersion: { of: ['MyDropbox'] } };
	}
}

const without = (names: readonly string[], headers: IncomingMessage['headers']): Record<string, string> =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))) as Record<string, string>;
