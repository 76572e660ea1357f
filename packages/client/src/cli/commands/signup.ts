import { SignUpRequest } from '@mydropbox/protocol';
import { RouteApi } from '@mydropbox/remote';
import { Command } from 'commander';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { findServer } from '../find-server.ts';
import { check, optionOrAsk, readPassword } from '../input.ts';

interface Options {
	readonly server?: string;
	readonly username?: string;
	readonly email?: string;
	readonly passwordStdin?: boolean;
}

export const describe = (): Command =>
	new Command('signup')
		.description('make a new account; the website does the same')
		.option('--server <address>', 'e.g. http://localhost:8080')
		.option('--username <name>', 'the name to sign in with')
		.option('--email <address>', 'your e-mail address')
		.option('--password-stdin', 'read the password from the standard input');

export async function run({ terminal, command }: Cli, options: Options): Promise<ExitCode> {
	const address = await optionOrAsk(terminal, options.server, '--server', 'Address of the server: ');
	const { routeServer } = await findServer(address);
	const username = await optionOrAsk(terminal, options.username, '--username', 'Username: ');
	const email = await optionOrAsk(terminal, options.email, '--email', 'E-mail: ');
	const password = await readPassword(terminal, options);
	const account = check(SignUpRequest, { username, email, password });
	await new RouteApi(routeServer).signUp(account);
	terminal.print(`Welcome, ${username}! The account is made.`);
	terminal.print(`Connect this device with: ${command(`login --server ${address} --username ${username}`)}`);
	return EXIT.fine;
}
