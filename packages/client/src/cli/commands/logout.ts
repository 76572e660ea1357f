import { rmSync } from 'node:fs';
import { ApiError } from '@mydropbox/protocol';
import { RouteApi } from '@mydropbox/remote';
import { Command } from 'commander';
import { readCredentials, requireConfig } from '../../daemon/config.ts';
import { readMarker, unmarkFolder } from '../../daemon/folder.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { stopDaemon } from '../stop-daemon.ts';

export const describe = (): Command =>
	new Command('logout').description('disconnect this device; its folder stays as it is');

export async function run({ home, terminal }: Cli): Promise<ExitCode> {
	const config = requireConfig(home);
	const credentials = readCredentials(home);
	await stopDaemon(home);
	if (credentials) {
		try {
			await new RouteApi(config.server).signOut(credentials.refreshToken);
		} catch (error) {
			if (!(error instanceof ApiError && error.code === 'not-signed-in')) {
				terminal.complain(`${(error as Error).message}`);
				terminal.complain(
					'The server could not be told and keeps an entry for this device; nobody can use it, since its token is deleted here.',
				);
			}
		}
	}
	// The config goes last: until then, logging out can be repeated.
	rmSync(home.credentials, { force: true });
	rmSync(home.excluded, { force: true });
	rmSync(home.state, { recursive: true, force: true });
	if (readMarker(config.folder)?.home === home.dir) unmarkFolder(config.folder);
	rmSync(home.config, { force: true });
	terminal.print(`Signed out. ${config.folder} stays as it is, and is not synced any more.`);
	return EXIT.fine;
}
