import { Command } from 'commander';
import { answer } from '../answer.ts';
import type { Cli, ExitCode } from '../cli.ts';
import { items } from '../format.ts';

export const describe = (): Command =>
	new Command('confirm').description('delete everywhere what is gone here, where that is so much that you were asked');

export const run = (cli: Cli): Promise<ExitCode> =>
	answer(cli, 'POST /confirm', ({ files }) => `${items(files, 'file')} will be deleted on all devices.`);
