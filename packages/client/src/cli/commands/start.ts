import { Command } from 'commander';
import { requireConfig, requireCredentials } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { isLocked } from '../../daemon/lock.ts';
import { openLog } from '../../daemon/log.ts';
import { stopOnSignals } from '../../daemon/process.ts';
import type { DaemonStatus } from '../../daemon/status.ts';
import { UserError } from '../../daemon/user-error.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { stateLine } from '../format.ts';
import { Progress } from '../progress.ts';
import { spawnDaemon } from '../spawn-daemon.ts';
import { waitUntil } from '../wait-until.ts';

export const describe = (): Command =>
	new Command('start')
		.description('sync the folder from now on, in the background')
		.option('--foreground', 'in this terminal, with live progress, until Ctrl-C');

export async function run(cli: Cli, { foreground }: { foreground?: boolean }): Promise<ExitCode> {
	const { home, terminal } = cli;
	requireConfig(home);
	requireCredentials(home);
	home.create();
	const running = await findRunning(cli);
	if (running) {
		terminal.print(`MyDropbox is running already (process ${running.pid}). ${stateLine(running)}.`);
		return foreground ? EXIT.failed : EXIT.fine;
	}
	return foreground ? inForeground(cli) : inBackground(cli);
}

/** A daemon that holds the lock and says nothing yet is just starting. */
async function findRunning({ home, command }: Cli): Promise<DaemonStatus | undefined> {
	let status: DaemonStatus | undefined;
	const isClear = async () => {
		status = await askDaemon(home, 'GET /status').catch(() => undefined);
		return status !== undefined || !isLocked(home.lock);
	};
	if (await waitUntil(isClear, 30_000)) return status;
	throw new UserError('A daemon is running and does not answer.', `End it with: ${command('stop')}, then start again.`);
}

async function inBackground(cli: Cli): Promise<ExitCode> {
	const { home, terminal, world } = cli;
	try {
		await spawnDaemon(home, world.daemonScript);
	} catch (error) {
		// Somebody else may have started one in the same moment.
		const running = await findRunning(cli);
		if (!running) throw error;
	}
	const status = await askDaemon(home, 'GET /status');
	if (!status) {
		throw new UserError('The daemon started and ended at once.', `Its log says why: ${cli.command('logs')}`);
	}
	terminal.print(`MyDropbox keeps ${status.folder} in sync (process ${status.pid}). ${stateLine(status)}.`);
	terminal.print(`See how far it is with: ${cli.command('status')}`);
	return EXIT.fine;
}

async function inForeground({ home, terminal, world }: Cli): Promise<ExitCode> {
	const createEngine = await world.loadEngine();
	const daemon = await startDaemon({ home, createEngine, log: openLog(home) });
	stopOnSignals(daemon);
	terminal.print(`MyDropbox keeps ${requireConfig(home).folder} in sync. Stop it with Ctrl-C.`);
	const progress = new Progress();
	let shown = '';
	daemon.onStatus((status) => {
		if (terminal.isLive) terminal.showLine(progress.line(status));
		else if (status.state !== shown) terminal.print(`${stateLine(status)}.`);
		shown = status.state;
	});
	await daemon.stopped;
	terminal.print('Stopped.');
	return EXIT.fine;
}
