import { Command } from 'commander';
import { requireConfig } from '../../daemon/config.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { configuration, credentials, daemon, nodeVersion } from '../doctor/device.ts';
import type { Check } from '../doctor/finding.ts';
import { diskSpace, folder, marker, permissions, watchLimit } from '../doctor/folder.ts';
import { account, clock, routeServer } from '../doctor/server.ts';

const CHECKS: readonly Check[] = [
	nodeVersion,
	configuration,
	credentials,
	folder,
	marker,
	permissions,
	diskSpace,
	watchLimit,
	routeServer,
	clock,
	account,
	daemon,
];

export const describe = (): Command =>
	new Command('doctor').description('look for what is wrong, and say what to do about it');

export async function run({ home, terminal }: Cli): Promise<ExitCode> {
	const patient = { home, config: requireConfig(home) };
	let problems = 0;
	for (const check of CHECKS) {
		const { what, detail, nextStep } = await check(patient);
		terminal.print(`${nextStep ? 'problem' : 'ok     '}  ${what}: ${detail}`);
		if (nextStep) terminal.print(`         ${nextStep}`);
		if (nextStep) problems++;
	}
	terminal.print();
	terminal.print(problems === 0 ? 'All is well.' : `${problems} of ${CHECKS.length} checks found a problem.`);
	return problems === 0 ? EXIT.fine : EXIT.failed;
}
