import type { HeldDeletes } from '../daemon/engine.ts';
import { askDaemon } from '../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from './cli.ts';
import { sayNotRunning } from './not-running.ts';

/** Answers the question whether deletes that are held back shall go on, and says what follows. */
export async function answer(
	cli: Cli,
	request: 'POST /confirm' | 'POST /undo',
	outcome: (held: HeldDeletes) => string,
): Promise<ExitCode> {
	const { home, terminal } = cli;
	const before = await askDaemon(home, request);
	if (!before) return sayNotRunning(cli);
	if (!before.heldDeletes) {
		terminal.complain('There is no question to answer: no deletes are held back.');
		return EXIT.failed;
	}
	terminal.print(outcome(before.heldDeletes));
	if (before.state === 'paused') terminal.print(`Syncing is paused. Go on with: ${cli.command('resume')}`);
	return EXIT.fine;
}
