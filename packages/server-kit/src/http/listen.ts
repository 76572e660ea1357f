import type { Server } from 'node:http';
import { StartupError } from '../startup-error.ts';

/** How long requests in flight may take to end when the server stops. */
const GRACE_MS = 10_000;

/** @throws StartupError that names the port and what to do. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', reject);
	server.listen(port, host, resolve);
	try {
		await promise;
	} catch (error) {
		throw new StartupError(explainListen(error as NodeJS.ErrnoException, host, port), { cause: error });
	} finally {
		server.off('error', reject);
	}
}

function explainListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
	if (code === 'EADDRINUSE') {
		return `Port ${port} on ${host} is in use by another program. Stop that program, or choose another port with --port.`;
	}
	if (code === 'EACCES') return `This user may not listen on port ${port}. Choose one above 1023 with --port.`;
	if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
		return `This machine has no address ${host}. Choose another one with --host.`;
	}
	return `Cannot listen on ${host} port ${port}: ${message}`;
}

/** Takes no new request, lets those in flight end, and after a while ends them. */
export async function closeServer(server: Server, graceMs = GRACE_MS): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	const idle = setInterval(() => server.closeIdleConnections(), 50);
	const enough = setTimeout(() => server.closeAllConnections(), graceMs);
	await closed;
	clearInterval(idle);
	clearTimeout(enough);
}
