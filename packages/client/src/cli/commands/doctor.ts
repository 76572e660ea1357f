import { RouteApi } from '@mydropbox/remote';
import { Command } from 'commander';
import { readConfig, readCredentials } from '../../daemon/config.ts';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { examine, type Result } from '../doctor/examine.ts';
import type { Level } from '../doctor/finding.ts';
import { thisOutside } from '../doctor/outside.ts';
import type { Patient, SignedIn } from '../doctor/patient.ts';
import { items } from '../format.ts';

export const describe = (): Command =>
	new Command('doctor')
		.description('look for what is wrong, and say what to do about it')
		.option('--json', 'for scripts');

/** Exit code 0 when nothing is a problem; warnings are none. */
export async function run(cli: Cli, { json }: { json?: boolean }): Promise<ExitCode> {
	const { terminal } = cli;
	const patient = patientOf(cli);
	const results = await examine(patient, signedIn(patient));
	const problems = count(results, 'problem');
	const warnings = count(results, 'warning');
	if (json) terminal.print(JSON.stringify({ ok: problems === 0, problems, warnings, findings: results }, null, '\t'));
	else {
		for (const result of results) for (const line of lines(result)) terminal.print(line);
		terminal.print();
		terminal.print(summary(problems, warnings));
	}
	return problems === 0 ? EXIT.fine : EXIT.failed;
}

function patientOf({ home, world, command }: Cli): Patient {
	const status = once(() => askDaemon(home, 'GET /status').catch(() => undefined));
	return { home, command, status, outside: thisOutside(world.env) };
}

/** undefined when nobody is, or when the files that say so cannot be read; that is told by their own checks. */
function signedIn(patient: Patient): SignedIn | undefined {
	const config = orNone(() => readConfig(patient.home));
	if (!config) return undefined;
	const credentials = orNone(() => readCredentials(patient.home));
	const discovered = once(() => new RouteApi(config.server).discover());
	return { ...patient, config, credentials, discovered };
}

const orNone = <T>(read: () => T): T | undefined => {
	try {
		return read();
	} catch {
		return undefined;
	}
};

function once<T>(ask: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	return () => {
		answer ??= ask();
		return answer;
	};
}

const count = (results: readonly Result[], level: Level): number =>
	results.filter((result) => result.level === level).length;

const LABELS: Record<Level, string> = { ok: 'ok     ', warning: 'warning', problem: 'problem' };

function* lines({ level, title, found, means, nextStep }: Result): Generator<string> {
	yield `${LABELS[level]}  ${title}: ${found}`;
	if (means !== null) yield `         ${means}`;
	if (nextStep !== null) yield `         → ${nextStep}`;
}

function summary(problems: number, warnings: number): string {
	if (problems + warnings === 0) return 'All is well.';
	const found = [problems > 0 ? items(problems, 'problem') : [], warnings > 0 ? items(warnings, 'warning') : []].flat();
	return `${found.join(' and ')}. ${problems === 0 ? 'It works as it is.' : ''}`.trimEnd();
}
