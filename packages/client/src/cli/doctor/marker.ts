import { readMarker } from '../../daemon/folder.ts';
import { ok, problem } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

export const marker: Check<SignedIn> = ({ home, config: { folder }, command }) => {
	const marked = readMarker(folder);
	if (marked?.home === home.dir) return ok('it is the folder of this device');
	if (marked) {
		return problem(
			`${folder} is the folder of another device, whose home is ${marked.home}`,
			'Two daemons on one folder would take each other for a person.',
			`Give this device a folder of its own: ${command('logout')}, then ${command('login')} with another --folder.`,
		);
	}
	return problem(
		`${folder} does not carry the mark of this device`,
		'It may be another folder than the synced one, such as the place where a disk is mounted. Nothing is deleted.',
		`Mount its disk, or move it back; if it is the right one, ${command('logout')}, then ${command('login')}.`,
	);
};
