import { ok, problem } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

const OTHERS = 0o077;

export const credentials: Check<SignedIn> = ({ home, outside, credentials, command }) => {
	if (!credentials) {
		return problem(
			`${home.credentials} is missing or damaged`,
			'The server does not know this device.',
			`Run: ${command('login')}`,
		);
	}
	const mode = outside.fs.stat(home.credentials)?.mode ?? 0;
	if (outside.platform === 'win32' || (mode & OTHERS) === 0) return ok('only you can read them');
	return problem(
		`${home.credentials} can be read by others`,
		'Whoever reads it can read and change all your files.',
		`Run: chmod 600 '${home.credentials}'`,
	);
};
