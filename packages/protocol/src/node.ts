import { z } from 'zod';
import { ContentHash } from './hashes.ts';
import { NodeId, Rev } from './ids.ts';
import { LIMITS } from './limits.ts';
import { Name, utf8Length } from './names.ts';

/** Nanoseconds since 1970, decimal: exact, where a JSON number would not be. */
export const Mtime = z
	.string()
	.regex(/^(0|-?[1-9]\d{0,18})$/, 'must be a whole number of nanoseconds')
	.refine((text) => BigInt(text) < 2n ** 63n && BigInt(text) >= -(2n ** 63n), 'does not fit in 64 bits')
	.brand<'Mtime'>();
export type Mtime = z.infer<typeof Mtime>;

export const SymlinkTarget = z
	.string()
	.min(1)
	.refine((target) => !target.includes('\0') && target.isWellFormed(), 'is not a valid link target')
	.refine((target) => utf8Length(target) <= LIMITS.symlinkTargetBytes, 'is too long for a link target');

export const FileVersion = z.strictObject({
	kind: z.literal('file'),
	content: ContentHash,
	/** Bytes. */
	size: z.number().int().min(0),
	mtime: Mtime,
	/** Whether the owner may execute it. */
	exec: z.boolean(),
});
export const FolderVersion = z.strictObject({ kind: z.literal('folder') });
export const SymlinkVersion = z.strictObject({ kind: z.literal('symlink'), target: SymlinkTarget, mtime: Mtime });

/** What a node is, apart from where it is. A node never changes its kind. */
export const NodeVersion = z.discriminatedUnion('kind', [FileVersion, FolderVersion, SymlinkVersion]);
export type NodeVersion = z.infer<typeof NodeVersion>;
export type FileVersion = z.infer<typeof FileVersion>;
export type NodeKind = NodeVersion['kind'];

const placed = { id: NodeId, parent: NodeId, name: Name, rev: Rev };

/** The current state of a node as the server knows it. */
export const NodeState = z.discriminatedUnion('kind', [
	FileVersion.extend(placed).strip(),
	FolderVersion.extend(placed).strip(),
	SymlinkVersion.extend(placed).strip(),
]);
export type NodeState = z.infer<typeof NodeState>;

/** What is left of a deleted node in the journal. */
export const Tombstone = z.object({ id: NodeId, rev: Rev, kind: z.literal('deleted') });
export type Tombstone = z.infer<typeof Tombstone>;

export const Change = z.discriminatedUnion('kind', [...NodeState.options, Tombstone]);
export type Change = z.infer<typeof Change>;
