import { createApp, endpoint, portSetting, runService } from '@mydropbox/server-kit';

/** A server with one endpoint that waits until the server stops. */
const wait = endpoint({
	method: 'get',
	path: '/wait',
	summary: 'Waits',
	handle: async ({ stopping }, _context: null) => {
		const over = new Promise((resolve) => stopping.addEventListener('abort', resolve));
		process.send?.({ type: 'waiting' });
		await over;
	},
});

await runService({
	name: 'sample',
	description: 'For tests.',
	settings: { port: portSetting(0) },
	start: async (_config, { log, stopping }) => {
		if (process.env.SAMPLE_STARTS_FOREVER) {
			process.send?.({ type: 'starting' });
			await new Promise((resolve) => setInterval(resolve, 1 << 30));
		}
		return {
			app: createApp({ log, stopping, context: null, endpoints: [wait] }),
			close: async () => log.info('closed the database'),
		};
	},
});
