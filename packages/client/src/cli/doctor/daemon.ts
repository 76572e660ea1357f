import { existsSync } from 'node:fs';
import type { EngineState } from '../../daemon/engine.ts';
import { isLocked } from '../../daemon/lock.ts';
import { stateLine } from '../format.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

export const daemon: Check<SignedIn> = async ({ home, outside, status, command }) => {
	const running = await status();
	if (running && running.state !== 'stopped') {
		const found = `process ${running.pid}. ${stateLine(running)}`;
		return BY_STATE[running.state](found, command);
	}
	const pid = outside.readText(home.pid)?.trim();
	if (existsSync(home.lock) && isLocked(home.lock)) {
		return problem(
			`process ${pid ?? 'unknown'} holds ${home.lock} and does not answer`,
			'Whether anything is synced is not known.',
			`Run: ${command('stop')}, then ${command('start')}`,
		);
	}
	const found = pid ? `not running; process ${pid} ended without tidying up` : 'not running';
	return problem(
		found,
		'Changes are not synced now; those made meanwhile are found later.',
		`Run: ${command('start')}`,
	);
};

type Judge = (found: string, command: SignedIn['command']) => Finding;

const BY_STATE: Record<EngineState, Judge> = {
	'up-to-date': ok,
	syncing: ok,
	paused: (found, command) => warning(found, 'Changes are not synced now.', `Run: ${command('resume')}`),
	offline: (found) =>
		warning(found, 'What is changed here is sent when the server is back.', 'See what is said of the server.'),
	problem: (found, command) =>
		problem(found, 'What is listed there is not in step; all else is.', `Run: ${command('status')}`),
};
