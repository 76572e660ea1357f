import { Command } from 'commander';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { stopDaemon } from '../stop-daemon.ts';

export const describe = (): Command =>
	new Command('stop').description('stop syncing; what changes meanwhile is found at the next start');

export async function run({ home, terminal }: Cli): Promise<ExitCode> {
	const wasRunning = await stopDaemon(home);
	terminal.print(wasRunning ? 'Stopped.' : 'The daemon was not running.');
	return EXIT.fine;
}
