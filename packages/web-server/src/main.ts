import { fileURLToPath } from 'node:url';
import { CENTRAL_SETTINGS, openCentral } from '@mydropbox/central';
import { RouteApi } from '@mydropbox/remote';
import { defineSettings, Origin, portSetting, runService, TrustProxy } from '@mydropbox/server-kit';
import { z } from 'zod';
import { Addresses } from './addresses.ts';
import { createWebServer } from './app.ts';

const PORTAL = fileURLToPath(new URL('../../web-portal/dist', import.meta.url));

const settings = defineSettings({
	port: portSetting(8080),
	...CENTRAL_SETTINGS,
	routeUrl: {
		schema: Origin.default('http://127.0.0.1:8081'),
		help: 'where this server reaches the route-server',
		example: 'url',
	},
	routePublicUrl: {
		schema: Origin.optional(),
		help: 'where devices reach the route-server; when not set, this host with the port of --route-url',
		example: 'url',
	},
	publicUrl: {
		schema: Origin.optional(),
		help: 'where people reach this website; when not set, wherever they did',
		example: 'url',
	},
	portal: { schema: z.string().min(1).default(PORTAL), help: 'folder of the built website', example: 'folder' },
	trustProxy: TrustProxy,
});

await runService({
	name: 'web-server',
	description: 'The website and its JSON API.',
	settings,
	async start({ database, quota, signUps, portal, trustProxy, metricsToken, ...addresses }, { log, stopping }) {
		const central = await openCentral({ url: database, quota, signUps, onWaiting: (message) => log.warn(message) });
		const context = { central, route: new RouteApi(addresses.routeUrl), addresses: new Addresses(addresses) };
		const app = createWebServer(context, portal, { log, stopping, trustProxy, metricsToken });
		return { app, close: () => central.close() };
	},
});
