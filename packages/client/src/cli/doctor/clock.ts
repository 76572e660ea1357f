import { duration } from '../format.ts';
import { ok, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

const TOLERABLE_SKEW_SECONDS = 60;

export const clock: Check<SignedIn> = async ({ discovered, outside }) => {
	const answer = await discovered().catch(() => undefined);
	if (!answer) return ok('not compared: the server does not answer');
	if (!answer.time) return ok('not compared: the server does not say what time it is');
	const skew = (outside.now() - answer.time.getTime()) / 1000;
	if (Math.abs(skew) <= TOLERABLE_SKEW_SECONDS) return ok('agrees with the server');
	return warning(
		`${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the server`,
		'Times of files and names of conflicted copies are wrong for others, and certificates may be refused.',
		outside.platform === 'linux'
			? 'Run: sudo timedatectl set-ntp true'
			: 'Let this device set its time by the network.',
	);
};
