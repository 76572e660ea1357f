import { Command } from 'commander';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { stateLine } from '../format.ts';
import { sayNotRunning } from '../not-running.ts';

export const describe = (): Command => new Command('resume').description('go on after pause');

export async function run(cli: Cli): Promise<ExitCode> {
	const status = await askDaemon(cli.home, 'POST /resume');
	if (!status) return sayNotRunning(cli);
	cli.terminal.print(`${stateLine(status)}.`);
	return EXIT.fine;
}
