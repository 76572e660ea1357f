import { Command } from 'commander';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { stateLine } from '../format.ts';
import { sayNotRunning } from '../not-running.ts';

export const describe = (): Command => new Command('pause').description('stop transfers and changes until you resume');

export async function run(cli: Cli): Promise<ExitCode> {
	const status = await askDaemon(cli.home, 'POST /pause');
	if (!status) return sayNotRunning(cli);
	cli.terminal.print(`${stateLine(status)}.`);
	return EXIT.fine;
}
