import { bytes } from '../format.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

/** Below this, the new version of a large file has no room beside the old one. */
const LOW_BYTES = 1_000_000_000;
/** Below this, not even the state of the device can be written. */
const FULL_BYTES = 20_000_000;

/** On the disk of the folder, and on the one that the device keeps its state on. */
export const space: Check<SignedIn> = ({ config: { folder }, home, outside }) => {
	const places = [folder, home.dir].flatMap((path) => {
		try {
			return [{ path, free: outside.fs.freeBytes(path) }];
		} catch {
			// Whether it is there is for others to tell.
			return [];
		}
	});
	const tightest = places.sort((a, b) => a.free - b.free)[0];
	return tightest ? judge(tightest.path, tightest.free) : ok('not known: neither folder nor state is there');
};

function judge(path: string, free: number): Finding {
	const found = `${bytes(free)} free at ${path}`;
	if (free >= LOW_BYTES) return ok(found);
	const nextStep = `Make room on that disk; what takes most of it: du -xh --max-depth=2 '${path}' | sort -h | tail`;
	return free < FULL_BYTES
		? problem(found, 'Nothing new can be written here; what others change stays on the server.', nextStep)
		: warning(found, 'Large files may not fit: a new version needs room beside the old one.', nextStep);
}
