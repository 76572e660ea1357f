import { ok, problem } from './finding.ts';
import type { Check, Patient } from './patient.ts';

/** The same as in bin/mydropbox.mjs, which runs on older ones. */
const NODE_FLOOR = 24;

export const node: Check<Patient> = ({ outside: { nodeVersion } }) => {
	if (Number(/\d+/.exec(nodeVersion)?.[0]) >= NODE_FLOOR) return ok(nodeVersion);
	return problem(
		`${nodeVersion} is too old`,
		'MyDropbox may fail anywhere.',
		`Install Node.js ${NODE_FLOOR} or newer.`,
	);
};
