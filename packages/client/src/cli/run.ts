import { fileURLToPath } from 'node:url';
import { main } from './main.ts';
import { Terminal } from './terminal.ts';

/** `mydropbox | head` is no reason to complain. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EPIPE') process.exit(0);
	throw error;
});

process.exitCode = await main(process.argv.slice(2), {
	terminal: new Terminal(),
	env: process.env,
	daemonScript: fileURLToPath(new URL('../daemon/main.ts', import.meta.url)),
	loadEngine: async () => (await import('../control/index.ts')).createSyncEngine,
});
