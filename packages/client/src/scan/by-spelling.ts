import type { DiskEntry } from '../fs/entry.ts';
import type { DiskNames } from '../names/disk-names.ts';
import type { LocalNode } from '../state/nodes.ts';

/** Nodes of a folder by what their names are now: a disk may list them in another spelling than it was given. */
export function bySpelling(
	nodes: readonly LocalNode[],
	entries: readonly DiskEntry[],
	names: DiskNames,
): Map<string, LocalNode[]> {
	const known = Map.groupBy(nodes, ({ disk }) => disk.name);
	if (names.areExact) return known;
	const listed = new Set(entries.map(({ name }) => name));
	const lost = new Map([...known.keys()].flatMap((name) => (listed.has(name) ? [] : [[names.key(name), name]])));
	const isIt = ({ name, identity }: DiskEntry) =>
		known.get(lost.get(names.key(name)) ?? '')?.some(({ disk }) => disk.identity === identity) === true;
	// Two that are one name for us may be two for the disk.
	for (const { name } of [...entries.filter(isIt), ...entries]) {
		const before = known.has(name) ? undefined : lost.get(names.key(name));
		if (before === undefined || !known.has(before)) continue;
		known.set(name, known.get(before)!);
		known.delete(before);
	}
	return known;
}
