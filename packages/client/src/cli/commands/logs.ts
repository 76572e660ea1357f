import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { formatLogLine, LogReader } from '../log-reader.ts';

const LINES = 100;
const PAUSE_MS = 300;

export const describe = (): Command =>
	new Command('logs')
		.description('show what the daemon did last')
		.option('-f, --follow', 'go on showing what it does, until Ctrl-C');

export async function run({ home, terminal }: Cli, { follow }: { follow?: boolean }): Promise<ExitCode> {
	if (!existsSync(home.log) && !follow) {
		terminal.complain(`There is no log yet; the daemon writes it to ${home.log} when it runs.`);
		return EXIT.fine;
	}
	const reader = new LogReader(home.log);
	for (const line of reader.read().slice(-LINES)) terminal.print(formatLogLine(line));
	while (follow) {
		await setTimeout(PAUSE_MS);
		for (const line of reader.read()) terminal.print(formatLogLine(line));
	}
	return EXIT.fine;
}
