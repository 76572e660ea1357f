import { requireConfig } from '../daemon/config.ts';
import { type Cli, EXIT, type ExitCode } from './cli.ts';

/** To one who is not even signed in, it says that instead. */
export function sayNotRunning(cli: Cli): ExitCode {
	requireConfig(cli.home);
	cli.terminal.complain('MyDropbox is not running on this device: changes are not synced now.');
	cli.terminal.complain(`Start it with: ${cli.command('start')}`);
	return EXIT.notRunning;
}
