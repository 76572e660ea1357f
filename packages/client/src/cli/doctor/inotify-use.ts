import type { Outside } from './patient.ts';

/**
 * Counts what programs of this user watch, as /proc tells it: each instance is an open file, each watch a line about it.
 * @param except a process that does not count.
 */
export function watchesInUse(outside: Outside, except: number | undefined): { others: number; otherInstances: number } {
	let others = 0;
	let otherInstances = 0;
	for (const pid of outside.list('/proc')) {
		if (!/^\d+$/.test(pid) || Number(pid) === except || outside.ownerOf(`/proc/${pid}`) !== outside.uid) continue;
		for (const file of outside.list(`/proc/${pid}/fd`)) {
			if (outside.linkTarget(`/proc/${pid}/fd/${file}`) !== 'anon_inode:inotify') continue;
			otherInstances++;
			others += outside.readText(`/proc/${pid}/fdinfo/${file}`)?.match(/^inotify /gm)?.length ?? 0;
		}
	}
	return { others, otherInstances };
}
