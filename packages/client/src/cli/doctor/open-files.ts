import { number } from '../format.ts';
import { ok, warning } from './finding.ts';
import type { Check, Patient } from './patient.ts';

/** The database, the server, and the files that are read and written at the same time. */
const ENOUGH = 512;

/** Node raises its own soft limit to the hard one when it starts, so this is what the daemon has. */
export const openFiles: Check<Patient> = ({ outside }) => {
	const limits = outside.readText('/proc/self/limits') ?? '';
	const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
	if (Number.isNaN(limit)) return ok('no limit that is known');
	if (limit >= ENOUGH) return ok(`up to ${number(limit)} at once`);
	return warning(
		`only ${number(limit)} at once`,
		'Files may be refused with EMFILE while many are synced.',
		'Raise it where the daemon is started: ulimit -n 4096 (in a systemd unit: LimitNOFILE=4096), then restart MyDropbox.',
	);
};
