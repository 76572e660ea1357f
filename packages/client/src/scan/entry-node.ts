import type { NodeId } from '@mydropbox/protocol';
import type { Place, Version } from '@mydropbox/sync-engine';
import type { DiskEntry } from '../fs/entry.ts';
import { isAhead } from '../fs/quiet.ts';
import type { DiskTrace, LocalNode } from '../state/nodes.ts';

const traceOf = (entry: DiskEntry, racy: boolean): DiskTrace => ({
	name: entry.name,
	identity: entry.identity,
	stamp: entry.stamp,
	mtime: entry.mtime,
	racy,
});

/** The local node of something on the disk. A file without a known version is one that nobody has read yet. */
export function nodeOf(id: NodeId, place: Place, entry: DiskEntry, version?: Version, racy = false): LocalNode {
	const { parent, name } = place;
	return { id, parent, name, version: version ?? versionOf(entry), disk: traceOf(entry, racy) };
}

function versionOf(entry: DiskEntry): Version {
	const { mtime, size, exec } = entry;
	if (entry.kind === 'file') return { kind: 'file', content: null, size, mtime, exec };
	return entry.kind === 'symlink' ? { kind: 'symlink', target: entry.target!, mtime } : { kind: 'folder' };
}

/** The node as the disk shows it now, at the place where the disk shows it. */
export function updatedNode(node: LocalNode, place: Place, entry: DiskEntry, now: number): LocalNode {
	if (isUntouched(node, entry, now)) return nodeOf(node.id, place, entry, node.version, comesAgain(entry, now));
	return nodeOf(node.id, place, entry, withKnownMtime(versionOf(entry), node));
}

/** Whether nothing about it is new, not even that its time will come again. */
export const isAsKnown = (node: LocalNode, entry: DiskEntry, now: number): boolean =>
	node.disk.name === entry.name && isUntouched(node, entry, now) && (node.disk.racy || !comesAgain(entry, now));

const comesAgain = (entry: DiskEntry, now: number): boolean => entry.kind === 'file' && isAhead(entry, now);

/** Whether it still is what we knew. Times do not tell where a clock is slow, but where a link leads is seen at each look. */
function isUntouched({ version, disk }: LocalNode, entry: DiskEntry, now: number): boolean {
	if (version.kind === 'symlink' && version.target !== entry.target) return false;
	const isSame = disk.stamp === entry.stamp && disk.identity === entry.identity;
	return isSame && (!disk.racy || isAhead(entry, now));
}

/** While the disk's mtime stands, so does the node's, which is the exact one. */
export function withKnownMtime(version: Version, { version: known, disk }: LocalNode): Version {
	if (version.kind === 'folder' || known.kind === 'folder') return version;
	return version.mtime === disk.mtime ? { ...version, mtime: known.mtime } : version;
}
