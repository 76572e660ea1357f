import { isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';
import { flagOf, variableOf } from '@mydropbox/server-kit';
import type { DataDirectory, Installation } from './data-directory.ts';
import type { Ports } from './ports.ts';
import type { StandaloneConfig } from './settings.ts';

/** How to start one server: exactly what one would type to start it alone. */
export interface ServiceSpec {
	readonly name: string;
	readonly script: string;
	readonly args: readonly string[];
	/** Secrets go by the environment, because everybody on the machine can read command lines. */
	readonly env: Readonly<Record<string, string>>;
}

export interface Plan {
	readonly central: string;
	readonly route: ServiceSpec;
	readonly web: ServiceSpec;
	readonly data: readonly ServiceSpec[];
}

const script = (name: string): string => resolve(import.meta.dirname, '../..', name, 'src/main.ts');

/** Which servers an installation consists of. */
export function planServices(
	config: StandaloneConfig,
	directory: DataDirectory,
	{ clusterSecret, capacity }: Installation,
	ports: Ports,
): Plan {
	const { host, logLevel, quota, signUps, metricsToken } = config;
	const historyDays = Number.isFinite(config.historyDays) ? config.historyDays : 'forever';
	const central = databaseOf(config.database, directory.path, 'central', 'central.sqlite');
	const routeUrl = `http://${bracketed(reachable(host))}:${ports.route}`;
	const spec = (name: string, kind: string, flags: Flags, secrets: Flags): ServiceSpec => ({
		name,
		script: script(kind),
		args: Object.entries({ host, logLevel, ...flags }).flatMap(([flag, value]) => [flagOf(flag), String(value)]),
		env: Object.fromEntries(
			Object.entries({ ...secrets, ...(metricsToken && { metricsToken }) }).map(([name, value]) => [
				variableOf(name),
				String(value),
			]),
		),
	});
	return {
		central,
		route: spec('route', 'route-server', { port: ports.route, quota, signUps }, { database: central, clusterSecret }),
		web: spec('web', 'web-server', { port: ports.web, quota, signUps, routeUrl }, { database: central }),
		data: ports.data.map((port, index) => {
			const id = `data${index + 1}`;
			const home = join(directory.path, id);
			const database = databaseOf(config.database, home, id, 'database.sqlite');
			const places = { port, routeUrl, advertise: reachable(host), blocks: join(home, 'blocks') };
			const flags = { id, capacity, historyDays, ...places };
			return spec(id, 'data-server', flags, { database, clusterSecret });
		}),
	};
}

type Flags = Record<string, string | number>;

function databaseOf(choice: string, directory: string, name: string, file: string): string {
	if (choice === 'sqlite') return `sqlite:${join(directory, file)}`;
	const url = new URL(choice);
	url.pathname = `${url.pathname.replace(/\/+$/, '')}_${name}`;
	return url.href;
}

/** All servers are on this machine; an address to listen on everywhere is none to connect to. */
export function reachable(host: string): string {
	if (host === '0.0.0.0') return '127.0.0.1';
	return host === '::' ? '::1' : host;
}

const bracketed = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/** Where a person on this machine opens the website. */
export function siteAddress(host: string, port: number): string {
	const local = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host);
	return `http://${local ? 'localhost' : bracketed(host)}:${port}`;
}
