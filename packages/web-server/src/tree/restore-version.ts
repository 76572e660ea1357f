import { ApiError, type NodeState } from '@mydropbox/protocol';
import type { KeptVersion } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';
import { commitOne } from './commit.ts';
import { toIso } from './entry.ts';
import { findNode } from './look-up.ts';
import { refused } from './refused.ts';

/** A device may be saving the very file; what it saved is a kept version then. */
const ATTEMPTS = 5;

/** Latest first. Where a file was only moved, or renamed, is no version of it. */
export async function versionsOf(access: Access, path: string): Promise<KeptVersion[]> {
	const { node } = await findNode(access, path);
	if (node.kind !== 'file') throw new ApiError('bad-path', `“${node.name}” is not a file, and has no versions.`);
	const { states } = await access.ask((api, namespace) => api.versions({ namespace, id: node.id }));
	const versions: KeptVersion[] = [];
	for (const [index, { state, at, device }] of states.entries()) {
		const before = states[index + 1]?.state;
		// The same version was somewhere else before.
		if (state.kind !== 'file' || (before && isSame(before, state))) continue;
		const { rev: version, size, mtime } = state;
		versions.push({ version, size, mtime: toIso(mtime), savedAt: at, device, current: versions.length === 0 });
	}
	return versions;
}

function isSame(a: NodeState, b: NodeState): boolean {
	if (a.kind !== 'file' || b.kind !== 'file') return false;
	return a.content === b.content && a.mtime === b.mtime && a.exec === b.exec;
}

/** Makes a kept version the current one, where the file is now. */
export async function restoreVersion(access: Access, path: string, version: number): Promise<NodeState> {
	for (let attempt = 1; ; attempt++) {
		const { epoch, node } = await findNode(access, path);
		const { id, parent, name, rev: base } = node;
		const { states } = await access.ask((api, namespace) => api.versions({ namespace, id }));
		const kept = states.find(({ state }) => state.rev === version)?.state;
		if (kept?.kind !== 'file') {
			throw new ApiError('not-found', 'This version is not kept any more. Look at the list of versions again.');
		}
		const { content, size, mtime, exec } = kept;
		const restored = { kind: 'file', content, size, mtime, exec } as const;
		const result = await commitOne(access, epoch, { op: 'put', id, base, parent, name, version: restored });
		if (result.ok) return { ...restored, id, parent, name, rev: result.rev };
		if (result.code !== 'stale' || attempt === ATTEMPTS) throw refused(result.code, `“${name}” was not restored`);
	}
}
