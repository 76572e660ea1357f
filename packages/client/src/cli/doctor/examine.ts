import { CHECKS, type Row } from './checks.ts';
import { type Finding, type Level, problem } from './finding.ts';
import { folder } from './folder.ts';
import type { Check, Patient, SignedIn } from './patient.ts';

/** One entry of the report; scripts rely on its shape. */
export interface Result {
	/** Its key in the table of checks. */
	readonly check: string;
	readonly title: string;
	readonly level: Level;
	readonly found: string;
	/** null when all is well, as is the next step. */
	readonly means: string | null;
	readonly nextStep: string | null;
}

/**
 * All checks at once, told in the order of the table. Those that need what is not in order are left out: one problem is
 * told once.
 */
export async function examine(patient: Patient, signedIn: SignedIn | undefined): Promise<Result[]> {
	const canProbe = signedIn !== undefined && (await look(folder, signedIn)).level === 'ok';
	const findings = Object.entries(CHECKS).flatMap(([check, row]) => {
		const finding = findingOf(row, patient, signedIn, canProbe);
		return finding ? [finding.then((found) => result(check, row.title, found))] : [];
	});
	return Promise.all(findings);
}

function findingOf(row: Row, patient: Patient, signedIn: SignedIn | undefined, canProbe: boolean) {
	if (row.needs === 'nothing') return look(row.check, patient);
	if (!signedIn || (row.needs === 'folder' && !canProbe)) return undefined;
	return look(row.check, signedIn);
}

async function look<P extends Patient>(check: Check<P>, patient: P): Promise<Finding> {
	try {
		return await check(patient);
	} catch (error) {
		const means = 'Whether something is the matter with it could not be found out.';
		return problem((error as Error).message, means, 'Mend what the message says, then run this again.');
	}
}

const result = (check: string, title: string, finding: Finding): Result => ({
	check,
	title,
	level: finding.level,
	found: finding.found,
	means: finding.level === 'ok' ? null : finding.means,
	nextStep: finding.level === 'ok' ? null : finding.nextStep,
});
