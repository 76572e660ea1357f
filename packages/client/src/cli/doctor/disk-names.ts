import { probeTraits } from '../../names/traits.ts';
import { ok } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';
import { probing } from './probing.ts';

/** Nothing of this is a fault: what the disk cannot hold gets an alias. */
export const diskNames: Check<SignedIn> = ({ config: { folder }, outside: { fs } }) =>
	probing(fs, folder, (dir) => {
		const { caseInsensitive, normalising, windowsNames, nameBytes } = probeTraits(fs, dir);
		const traits = [
			caseInsensitive ? '"a" and "A" are one name' : '"a" and "A" are two names',
			normalising ? 'Unicode forms are one name' : 'Unicode forms are different names',
			`up to ${nameBytes} bytes`,
			...(windowsNames ? ["Windows' rules"] : []),
		];
		const differs = caseInsensitive || normalising || windowsNames;
		return ok(`${traits.join(', ')}${differs ? '; what the disk cannot hold gets an alias' : ''}`);
	});
