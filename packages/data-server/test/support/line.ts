import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way to an address, which a test can cut. */
export class Line {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#port = 0;

	private constructor(port: number) {
		this.#server = createServer((near) => {
			const far = connect(port, '127.0.0.1');
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				this.#sockets.add(one.on('error', () => other.destroy()));
				one.pipe(other);
			}
		});
	}

	static async to(endpoint: string): Promise<Line> {
		const line = new Line(Number(new URL(endpoint).port));
		await line.mend();
		return line;
	}

	get endpoint(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	cut(): void {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		this.#sockets.clear();
	}

	/** As it was, at the same port. */
	async mend(): Promise<void> {
		this.#server.listen(this.#port, '127.0.0.1');
		await once(this.#server, 'listening');
		this.#port = (this.#server.address() as AddressInfo).port;
	}
}
