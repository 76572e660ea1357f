import { hostname } from 'node:os';
import { DataServerId } from '@mydropbox/protocol';
import { Bytes, ClusterSecret, defineSettings, Origin, portSetting, runService } from '@mydropbox/server-kit';
import { z } from 'zod';
import { Heartbeat } from './cluster/heartbeat.ts';
import { createDataServer, openStore } from './server.ts';
import { GARBAGE_SETTINGS, garbageSettings, STORE_SETTINGS } from './settings.ts';

/** A timer of Node counts to 24 days. */
const LONGEST_INTERVAL_HOURS = 500;

const settings = defineSettings({
	port: portSetting(8082),
	...STORE_SETTINGS,
	...GARBAGE_SETTINGS,
	gcInterval: {
		schema: z.coerce.number().min(0.1).max(LONGEST_INTERVAL_HOURS).default(6),
		help: 'hours from one collection of garbage to the next',
		example: 'hours',
	},
	id: { schema: DataServerId, help: "this data server's name in the installation", example: 'name' },
	capacity: { schema: Bytes, help: 'space of users that may be placed here', example: 'bytes' },
	routeUrl: { schema: Origin, help: 'where the route-server is', example: 'url' },
	clusterSecret: ClusterSecret,
	publicUrl: {
		schema: Origin.nullable().default(null),
		help: 'where clients reach this server; when not set, at its port on the host where they reach the route-server',
		example: 'url',
	},
	advertise: {
		schema: z.string().min(1).nullable().default(null),
		help: 'name or address by which the other servers reach this one; when not set, the one it listens on',
		example: 'address',
	},
});

await runService({
	name: 'data-server',
	description: 'Keeps the trees, the history and the blocks of the users placed on it.',
	settings,
	async start(config, { log, stopping }) {
		const { id, routeUrl, clusterSecret, metricsToken } = config;
		const store = await openStore({ ...config, owner: id, onWaiting: (message) => log.warn(message) });
		const heartbeatOn = (listeningPort: number) =>
			new Heartbeat({
				routeUrl,
				clusterSecret,
				announcement: {
					id,
					maxCapacity: config.capacity,
					ipAddr: config.advertise ?? reachable(config.host),
					listeningPort,
					publicUrl: config.publicUrl,
				},
				keys: store.keys,
				log,
			});
		let heartbeat: Heartbeat | undefined;
		let background: Promise<unknown> | undefined;
		const refreshKeys = async () => {
			await heartbeat?.beat();
		};
		const { app, collector } = createDataServer({ id, store, refreshKeys, log, stopping, metricsToken });
		const garbage = { ...garbageSettings(config), intervalMs: config.gcInterval * 3_600_000 };
		return {
			app,
			listening: (port) => {
				heartbeat = heartbeatOn(port);
				background = Promise.all([heartbeat.run(stopping), collector.run(garbage, stopping)]);
			},
			close: async () => {
				await background;
				await store.close();
			},
		};
	},
});

/** An address to listen on everywhere is none to connect to. */
function reachable(host: string): string {
	return host === '0.0.0.0' || host === '::' ? hostname() : host;
}
