import { readFileSync } from 'node:fs';
import { ApiError } from '@mydropbox/protocol';
import { ServerUnreachable, SignedOut, UnexpectedAnswer } from '@mydropbox/remote';
import { Command, CommanderError } from 'commander';
import { UserError } from '../daemon/user-error.ts';
import { Cli, EXIT, type ExitCode, type World } from './cli.ts';
import * as confirm from './commands/confirm.ts';
import * as doctor from './commands/doctor.ts';
import * as exclude from './commands/exclude.ts';
import * as include from './commands/include.ts';
import * as login from './commands/login.ts';
import * as logout from './commands/logout.ts';
import * as logs from './commands/logs.ts';
import * as pause from './commands/pause.ts';
import * as resume from './commands/resume.ts';
import * as signup from './commands/signup.ts';
import * as start from './commands/start.ts';
import * as status from './commands/status.ts';
import * as stop from './commands/stop.ts';
import * as undo from './commands/undo.ts';

/** In the order in which a person meets them. */
const COMMANDS = [
	signup,
	login,
	start,
	status,
	pause,
	resume,
	confirm,
	undo,
	exclude,
	include,
	stop,
	logs,
	doctor,
	logout,
];

/** @param argv what was typed after the program's name. @returns the exit code. */
export async function main(argv: readonly string[], world: World): Promise<ExitCode> {
	let code: ExitCode = EXIT.fine;
	const program = new Command('mydropbox')
		.description('Keeps a folder the same on all your devices.')
		.option('--home <dir>', 'where this device keeps its own state (also: MYDROPBOX_HOME)')
		.version(version(), '--version')
		.showHelpAfterError('Run with --help to see what there is.')
		.exitOverride()
		.configureOutput({
			writeOut: (text) => world.terminal.print(text.trimEnd()),
			writeErr: (text) => world.terminal.complain(text.trimEnd()),
		});
	for (const { describe, run } of COMMANDS) {
		const command = describe().copyInheritedSettings(program);
		command.action(async () => {
			const cli = new Cli(world, program.opts<{ home?: string }>().home);
			code = await run(cli, command.opts(), command.args);
		});
		program.addCommand(command);
	}
	try {
		await program.parseAsync(argv, { from: 'user' });
		return code;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
		world.terminal.complain(explain(error));
		return EXIT.failed;
	}
}

const version = (): string => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

const EXPECTED = [ApiError, ServerUnreachable, SignedOut, UnexpectedAnswer];

/** A bug shows its stack, so that it can be reported; everything else says what to do. */
function explain(error: unknown): string {
	if (error instanceof UserError) return `${error.message}\n${error.nextStep}`;
	if (error instanceof Error) return EXPECTED.some((kind) => error instanceof kind) ? error.message : `${error.stack}`;
	return String(error);
}
