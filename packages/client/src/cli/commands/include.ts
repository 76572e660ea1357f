import { Command } from 'commander';
import { requireConfig } from '../../daemon/config.ts';
import { askExcluded } from '../../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { insideFolder } from '../inside-folder.ts';
import { sayNotRunning } from '../not-running.ts';

export const describe = (): Command =>
	new Command('include')
		.description('bring back to this device what was excluded')
		.argument('<path...>', 'in the folder, or from it down');

export async function run(cli: Cli, _options: unknown, paths: readonly string[]): Promise<ExitCode> {
	const { home, terminal } = cli;
	const { folder } = requireConfig(home);
	const inside = paths.map((path) => insideFolder(path, folder, process.cwd()));
	if (!(await askExcluded(home, 'POST /include', inside))) return sayNotRunning(cli);
	for (const path of inside) terminal.print(`${path} comes back to this device.`);
	return EXIT.fine;
}
