import { createServer } from 'node:net';

/**
 * The first of `count` ports in a row that are free now. Below the range that systems hand out by themselves, so that
 * they are still free when a server that used them starts again.
 */
export async function freePorts(count: number): Promise<number> {
	for (;;) {
		const first = 12_000 + Math.floor(Math.random() * 18_000);
		const ports = Array.from({ length: count }, (_, index) => first + index);
		if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
