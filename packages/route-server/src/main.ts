import { setInterval } from 'node:timers/promises';
import { CENTRAL_SETTINGS, type Central, openCentral, sweep } from '@mydropbox/central';
import {
	ClusterSecret,
	defineSettings,
	type Logger,
	Origin,
	portSetting,
	runService,
	TrustProxy,
} from '@mydropbox/server-kit';
import { createRouteServer } from './app.ts';

const SWEEP_EVERY_MS = 10 * 60_000;

const settings = defineSettings({
	port: portSetting(8081),
	...CENTRAL_SETTINGS,
	clusterSecret: ClusterSecret,
	publicUrl: {
		schema: Origin.nullable().default(null),
		help: 'where clients reach this server; when not set, wherever they did',
		example: 'url',
	},
	webUrl: { schema: Origin.nullable().default(null), help: 'where the website is', example: 'url' },
	trustProxy: TrustProxy,
});

await runService({
	name: 'route-server',
	description: 'Signs devices in, tells them where their files are, and watches the data servers.',
	settings,
	async start(
		{ database, quota, signUps, clusterSecret, publicUrl, webUrl, trustProxy, metricsToken },
		{ log, stopping },
	) {
		const central = await openCentral({ url: database, quota, signUps, onWaiting: (message) => log.warn(message) });
		const app = createRouteServer(
			{ central, clusterSecret, publicUrl, webUrl },
			{ log, stopping, trustProxy, metricsToken },
		);
		keepClean(central, log, stopping).catch((error: unknown) => log.debug({ err: error }, 'sweeping ended'));
		return { app, close: () => central.close() };
	},
});

async function keepClean(central: Central, log: Logger, stopping: AbortSignal): Promise<void> {
	for await (const _tick of setInterval(SWEEP_EVERY_MS, undefined, { signal: stopping, ref: false })) {
		await sweep(central).catch((error: unknown) => log.warn({ err: error }, 'sweeping failed; it is tried again'));
	}
}
