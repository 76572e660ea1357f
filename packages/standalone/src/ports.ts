import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '@mydropbox/server-kit';
import type { StandaloneConfig } from './settings.ts';

export interface Ports {
	readonly web: number;
	readonly route: number;
	/** One per data server. */
	readonly data: readonly number[];
}

/** Servers whose supervisor was killed finish what is in flight; they give themselves ten seconds for it. */
const STILL_STOPPING_MS = 12_000;

/**
 * Tries every port before anything is started, so that a port in use leaves nothing half running. A port of 0 becomes
 * one that is free now.
 * @throws StartupError that names the port and its flag.
 */
export async function choosePorts(config: StandaloneConfig, dataServers: number, wasKilled: boolean): Promise<Ports> {
	const deadline = wasKilled ? Date.now() + STILL_STOPPING_MS : 0;
	const tryPort = async (port: number, flag: string): Promise<number> => {
		for (;;) {
			try {
				return await probe(config.host, port);
			} catch (error) {
				if (!(isInUse(error) && Date.now() < deadline)) throw explain(error, config.host, port, flag);
				await sleep(100);
			}
		}
	};
	const web = await tryPort(config.webPort, '--web-port');
	const route = await tryPort(config.routePort, '--route-port');
	const data: number[] = [];
	for (let index = 0; index < dataServers; index++) {
		data.push(await tryPort(config.dataPort === 0 ? 0 : config.dataPort + index, '--data-port'));
	}
	return { web, route, data };
}

async function probe(host: string, port: number): Promise<number> {
	const server = createServer();
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', reject);
	server.listen(port, host, resolve);
	await promise;
	const { port: found } = server.address() as AddressInfo;
	await new Promise((closed) => server.close(closed));
	return found;
}

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

function explain(error: unknown, host: string, port: number, flag: string): StartupError {
	const { code, message } = error as NodeJS.ErrnoException;
	const reasons: Record<string, string> = {
		EADDRINUSE: `Port ${port} is in use by another program. Stop that program, or choose another port with ${flag}.`,
		EACCES: `This user may not listen on port ${port}. Choose one above 1023 with ${flag}.`,
		EADDRNOTAVAIL: `This machine has no address ${host}. Choose another one with --host.`,
		ENOTFOUND: `This machine has no address ${host}. Choose another one with --host.`,
		ERR_SOCKET_BAD_PORT: `There is no port ${port}. Choose a lower one with ${flag}.`,
	};
	return new StartupError(reasons[code ?? ''] ?? `Port ${port} cannot be used: ${message} (${flag}).`, {
		cause: error,
	});
}
