import type { ContentHash } from '@mydropbox/protocol';
import type { LocalOperation, Version } from '@mydropbox/sync-engine';
import type { Known, Material } from '../fs/jobs/change.ts';
import type { LocalNode } from '../state/nodes.ts';
import type { Source } from '../transfer/download.ts';

export type Write = LocalOperation & { type: 'write' };
type Removal = Extract<LocalOperation, { type: 'delete' } | { type: 'evict' }>;

export const isRemoval = (operation: LocalOperation): operation is Removal =>
	operation.type === 'delete' || operation.type === 'evict';

/** A staged file becomes one file; others with the same content find it on the disk in the next round. */
export function oncePerLargeContent(writes: readonly Write[], isLarge: (write: Write) => boolean): Write[] {
	const seen = new Set<ContentHash>();
	return writes.filter((write) => {
		if (!isLarge(write)) return true;
		const first = !seen.has(hashOf(write));
		seen.add(hashOf(write));
		return first;
	});
}

export function materialOf(version: Version, sources: ReadonlyMap<string, Source>): Material | undefined {
	if (version.kind !== 'file') return version;
	const source = version.content === null ? undefined : sources.get(version.content);
	return source && { kind: 'file', source, size: version.size, mtime: version.mtime, exec: version.exec };
}

export const expectedOf = ({ disk, version }: LocalNode): Known => ({
	identity: disk.identity,
	stamp: disk.stamp,
	size: version.kind === 'file' ? version.size : Number(disk.stamp.split(':')[0] || 0),
	mtime: disk.mtime,
	content: version.kind === 'file' ? version.content : null,
	target: version.kind === 'symlink' ? version.target : null,
});
/** Of writes that bring a file's content. */
export const hashOf = ({ version }: Write): ContentHash => (version as { content: ContentHash }).content;
export const sizeOf = (version: Version): number => (version.kind === 'file' ? version.size : 0);
