import { readConfig } from '../../daemon/config.ts';
import { excludedFile } from '../../daemon/excluded-file.ts';
import { UserError } from '../../daemon/user-error.ts';
import { ok, problem } from './finding.ts';
import type { Check, Patient } from './patient.ts';

export const configuration: Check<Patient> = ({ home, command }) => {
	try {
		const config = readConfig(home);
		excludedFile(home.excluded).read();
		if (config) return ok(`${home.config}: ${config.username} on ${config.website}`);
		return problem(
			`nobody is signed in at ${home.dir}`,
			'No folder is synced, and most of what could be looked at is not there yet.',
			`Run: ${command('login')} --server ADDRESS --username NAME`,
		);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return problem(error.message, 'The daemon does not start.', error.nextStep);
	}
};
