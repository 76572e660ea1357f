import { Command } from 'commander';
import { answer } from '../answer.ts';
import type { Cli, ExitCode } from '../cli.ts';
import { items } from '../format.ts';

export const describe = (): Command =>
	new Command('undo').description('bring back here what is gone, where that is so much that you were asked');

export const run = (cli: Cli): Promise<ExitCode> =>
	answer(cli, 'POST /undo', ({ files }) => `${items(files, 'file')} will be brought back to this device.`);
