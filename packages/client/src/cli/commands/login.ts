import { hostname } from 'node:os';
import { ApiError, DeviceName, type SignInResponse } from '@mydropbox/protocol';
import { Grants, RouteApi, SignedOut } from '@mydropbox/remote';
import { Command } from 'commander';
import { type Config, readConfig, readCredentials, writeLogin } from '../../daemon/config.ts';
import { chooseFolder, createFolder, markFolder } from '../../daemon/folder.ts';
import { UserError } from '../../daemon/user-error.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { findServer, isInTheClear } from '../find-server.ts';
import { check, optionOrAsk, readPassword } from '../input.ts';
import { spawnDaemon } from '../spawn-daemon.ts';
import { stopDaemon } from '../stop-daemon.ts';

interface Options {
	readonly server?: string;
	readonly username?: string;
	readonly passwordStdin?: boolean;
	readonly folder?: string;
	readonly device?: string;
}

export const describe = (): Command =>
	new Command('login')
		.description('connect this device with an account and choose the folder to sync')
		.option('--server <address>', 'e.g. http://localhost:8080')
		.option('--username <name>', 'or the e-mail address')
		.option('--password-stdin', 'read the password from the standard input')
		.option('--folder <dir>', 'the folder to sync (default: myDropbox in your home directory)')
		.option('--device <name>', 'what this device is called (default: its host name)');

export async function run(cli: Cli, options: Options): Promise<ExitCode> {
	const { home, terminal } = cli;
	const before = await requireSignedOut(cli);
	const folder = chooseFolder(options.folder ?? before?.folder ?? home.defaultFolder, home);
	const deviceName = check(DeviceName, options.device ?? before?.deviceName ?? hostname().split('.')[0]);
	const address = await optionOrAsk(terminal, options.server ?? before?.website, '--server', 'Address of the server: ');
	const found = await findServer(address);
	if (isInTheClear(found.routeServer)) {
		terminal.complain(`Note: ${found.routeServer} is not encrypted; anybody on the way can read what is sent.`);
	}
	const username = await optionOrAsk(terminal, options.username ?? before?.username, '--username', 'Username: ');
	const password = await readPassword(terminal, options);

	const route = new RouteApi(found.routeServer);
	const signedIn = await route.signIn({ username, password, device: deviceName });
	try {
		if (before) requireSameAccount(before, signedIn, cli);
		const config: Config = {
			server: found.routeServer,
			website: found.webServer,
			user: signedIn.user,
			username: signedIn.username,
			device: signedIn.device,
			deviceName,
			namespace: await rootNamespace(route, signedIn.refreshToken),
			folder,
		};
		createFolder(folder);
		home.create();
		markFolder(folder, { device: before?.device ?? signedIn.device, home: home.dir });
		writeLogin(home, config, { refreshToken: signedIn.refreshToken });
	} catch (error) {
		// A device that nobody has the token of would only confuse; when this fails too, the first failure is the news.
		await route.signOut(signedIn.refreshToken).catch(() => {});
		throw error;
	}

	terminal.print(`Signed in as ${signedIn.username} on ${found.webServer}.`);
	terminal.print(`This device is called "${deviceName}"; its folder is ${folder}.`);
	if (await stopDaemon(home)) {
		await spawnDaemon(home, cli.world.daemonScript);
		terminal.print('The daemon goes on with the new sign-in.');
	} else terminal.print(`Start syncing with: ${cli.command('start')}`);
	return EXIT.fine;
}

/**
 * A home is for one device. One that the server has signed out may be signed in again, and keeps its folder and state.
 * @returns the config of such a device, or undefined for a new one.
 */
async function requireSignedOut({ home, command }: Cli): Promise<Config | undefined> {
	const config = readConfig(home);
	if (!config) return undefined;
	const credentials = readCredentials(home);
	if (!credentials) return config;
	try {
		await new Grants(new RouteApi(config.server), credentials.refreshToken).all();
	} catch (error) {
		if (error instanceof SignedOut) return config;
	}
	throw new UserError(
		`This device is signed in already, as ${config.username} on ${config.website}, with the folder ${config.folder}.`,
		`To sign it out: ${command('logout')}. For a second device on this machine, add --home DIR.`,
	);
}

function requireSameAccount(before: Config, { user, username }: SignInResponse, { command }: Cli): void {
	if (before.user === user) return;
	throw new UserError(
		`This device belongs to ${before.username}, not to ${username}.`,
		`To give it to another account, sign it out first: ${command('logout')}`,
	);
}

async function rootNamespace(route: RouteApi, refreshToken: string): Promise<Config['namespace']> {
	const grants = await new Grants(route, refreshToken).all();
	const root = grants.flatMap(({ namespaces }) => namespaces).find(({ kind }) => kind === 'root');
	if (root) return root.id;
	throw new ApiError('internal', 'The server gave this account no folder. Ask whoever runs it.');
}
