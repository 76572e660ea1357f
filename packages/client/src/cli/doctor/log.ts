import { ok, warning } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const RECENT_MS = 24 * 3600 * 1000;

/** What went wrong lately that nobody expected. */
export const log: Check<Patient> = ({ home, outside, command }) => {
	const text = outside.readText(home.log);
	if (text === undefined) return ok('none yet');
	const errors = text.split('\n').flatMap((line) => errorOf(line) ?? []);
	const recent = errors.filter(({ at }) => outside.now() - at < RECENT_MS);
	const last = recent.at(-1);
	if (!last) return ok('no errors within a day');
	return warning(
		`${recent.length} ${recent.length === 1 ? 'error' : 'errors'} within a day, the last at ${new Date(last.at).toISOString()}: ${last.message}`,
		'Something happened that MyDropbox did not expect; it has tried again by itself.',
		`If it goes on, report it with what this shows: ${command('logs')}`,
	);
};

function errorOf(line: string): { at: number; message: string } | undefined {
	// Most lines are none; only what may be one is read.
	if (!/"level":"(error|fatal)"/.test(line)) return undefined;
	try {
		const { time, msg, err } = JSON.parse(line) as { time: string; msg: string; err?: { message?: string } };
		return { at: Date.parse(time), message: err?.message ? `${msg}: ${err.message}` : msg };
	} catch {
		// Cut off by a crash.
		return undefined;
	}
}
