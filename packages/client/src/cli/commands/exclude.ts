import { Command } from 'commander';
import { requireConfig } from '../../daemon/config.ts';
import { askExcluded } from '../../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { insideFolder } from '../inside-folder.ts';
import { sayNotRunning } from '../not-running.ts';

export const describe = (): Command =>
	new Command('exclude')
		.description('take files and folders off this device only; without a path, list what is excluded')
		.argument('[path...]', 'in the folder, or from it down');

export async function run(cli: Cli, _options: unknown, paths: readonly string[]): Promise<ExitCode> {
	const { home, terminal } = cli;
	const { folder } = requireConfig(home);
	const inside = paths.map((path) => insideFolder(path, folder, process.cwd()));
	const excluded = await askExcluded(home, 'POST /exclude', inside);
	if (!excluded) return sayNotRunning(cli);
	for (const path of inside) {
		terminal.print(`${path} leaves this device as soon as all of it is on the server, where it stays.`);
	}
	if (paths.length > 0) return EXIT.fine;
	if (excluded.length === 0) terminal.print('Nothing is excluded on this device.');
	for (const { path, isOnServer } of excluded) {
		terminal.print(isOnServer ? path : `${path} (the server does not have it any more)`);
	}
	return EXIT.fine;
}
