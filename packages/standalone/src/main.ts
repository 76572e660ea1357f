import { readConfig, StartupError } from '@mydropbox/server-kit';
import { siteAddress } from './services.ts';
import { SETTINGS, type StandaloneConfig } from './settings.ts';
import { type Running, Supervisor } from './supervisor.ts';

/** npm hands Ctrl-C on to a program that the terminal has already told; that is one Ctrl-C, not two. */
const SAME_PRESS_MS = 1000;

const tell = (message: string): void => {
	process.stdout.write(`${message}\n`);
};
// A terminal that was closed must not keep the servers from being stopped in order.
process.stdout.on('error', () => {});

function greet({ ports, directory }: Running, { host }: StandaloneConfig): void {
	const site = siteAddress(host, ports.web);
	tell(`MyDropbox is ready: ${site}`);
	tell('');
	tell('  Open that address and sign up. Then connect a folder on this machine:');
	tell(`    npx mydropbox login --server ${site} --username YOUR-NAME`);
	tell('    npx mydropbox start');
	tell(`  Everything is kept in ${directory.path}; the logs are in ${directory.logs}.`);
	tell('  Ctrl-C stops it.');
}

function stopOnSignals(supervisor: Supervisor): void {
	let toldAt = 0;
	const stop = async (): Promise<void> => {
		if (toldAt > 0) {
			if (Date.now() - toldAt < SAME_PRESS_MS) return;
			tell('Stopping at once.');
			supervisor.kill();
			return;
		}
		toldAt = Date.now();
		tell('\nStopping MyDropbox … (Ctrl-C again does not wait for what is in flight)');
		await supervisor.stop();
		tell('MyDropbox has stopped.');
		process.exit(0);
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
	// Started through scripts/start.mjs on an older Node: when that one is killed, so is this.
	process.on('disconnect', () => void stop());
}

async function main(): Promise<void> {
	const config = readConfig('npm start --', 'Starts a whole MyDropbox.', SETTINGS, process.argv.slice(2), process.env);
	const supervisor = new Supervisor(config, tell);
	stopOnSignals(supervisor);
	tell('Starting MyDropbox …');
	try {
		greet(await supervisor.start(), config);
	} catch (error) {
		// Whoever stops it while it starts wants to hear nothing of servers that did not get ready.
		if (supervisor.isStopping) return;
		await supervisor.stop();
		throw error;
	}
}

try {
	await main();
} catch (error) {
	const known = error instanceof StartupError;
	process.stderr.write(`MyDropbox cannot start. ${known ? error.message : (error as Error).stack}\n`);
	process.exit(known ? error.exitCode : 1);
}
