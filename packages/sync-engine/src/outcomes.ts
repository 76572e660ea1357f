import { isUnread, samePlace, sameVersion, type TreeNode } from './tree.ts';

/** How one side of a node stands against *synced*. */
export type Change =
	/** In neither tree. */
	| 'absent'
	/** Here, and unknown to *synced*. */
	| 'added'
	| 'unchanged'
	/** Another place, the same version. */
	| 'moved'
	/** Another version, whatever its place. */
	| 'edited'
	| 'deleted';

/** The local side alone can also be unread: something is there and nobody knows yet whether it is new. */
type LocalChange = Change | 'unread';

/** What becomes of a node. */
export type Outcome =
	| 'nothing'
	/** Read the local file first; the rest is decided when its content is known. */
	| 'read'
	| 'create-local'
	| 'create-remote'
	| 'delete-local'
	| 'delete-remote'
	/** Both sides have it: place and version are merged, each by `ASPECT`. */
	| 'merge'
	/** Deleted on one side, changed on the other: forget that it was synced, so that it counts as added there. */
	| 'revive'
	/** Gone on both sides, or here alone while it is excluded. */
	| 'forget'
	/** Excluded, and all of it is on the server: only this device's copy goes. */
	| 'evict'
	/** No history of the three trees leads here; the planner refuses to guess. */
	| 'impossible';

const IMPOSSIBLE = 'impossible';

/** local change → remote change → outcome. Edit beats delete; two edits meet in `merge`. */
const OUTCOMES: Record<LocalChange, Record<Change, Outcome>> = {
	absent: {
		absent: 'nothing',
		added: 'create-local',
		unchanged: IMPOSSIBLE,
		moved: IMPOSSIBLE,
		edited: IMPOSSIBLE,
		deleted: IMPOSSIBLE,
	},
	added: {
		absent: 'create-remote',
		added: 'merge',
		unchanged: IMPOSSIBLE,
		moved: IMPOSSIBLE,
		edited: IMPOSSIBLE,
		deleted: IMPOSSIBLE,
	},
	unchanged: {
		absent: IMPOSSIBLE,
		added: IMPOSSIBLE,
		unchanged: 'nothing',
		moved: 'merge',
		edited: 'merge',
		deleted: 'delete-local',
	},
	moved: {
		absent: IMPOSSIBLE,
		added: IMPOSSIBLE,
		unchanged: 'merge',
		moved: 'merge',
		edited: 'merge',
		deleted: 'create-remote',
	},
	edited: {
		absent: IMPOSSIBLE,
		added: IMPOSSIBLE,
		unchanged: 'merge',
		moved: 'merge',
		edited: 'merge',
		deleted: 'create-remote',
	},
	deleted: {
		absent: IMPOSSIBLE,
		added: IMPOSSIBLE,
		unchanged: 'delete-remote',
		moved: 'revive',
		edited: 'revive',
		deleted: 'forget',
	},
	unread: {
		absent: 'read',
		added: 'read',
		unchanged: 'read',
		moved: 'read',
		edited: 'read',
		deleted: 'read',
	},
};

/**
 * What becomes of an excluded node instead: nothing new comes here, and what is gone here is no delete. A merge stays
 * one only while this side has something to send.
 */
export const WHEN_EXCLUDED: Record<Outcome, Outcome> = {
	nothing: 'evict',
	read: 'read',
	'create-local': 'nothing',
	'create-remote': 'create-remote',
	'delete-local': 'delete-local',
	'delete-remote': 'forget',
	merge: 'evict',
	revive: 'forget',
	forget: 'forget',
	evict: 'evict',
	impossible: IMPOSSIBLE,
};

/** Whose place, or whose version, a node gets when both sides have it. */
type Winner = 'neither' | 'local' | 'remote' | 'both';
type Aspect = 'same' | 'changed';

/** local aspect → remote aspect → who changed it. For a place, `both` means that the server's stands. */
const ASPECT: Record<Aspect, Record<Aspect, Winner>> = {
	same: { same: 'neither', changed: 'remote' },
	changed: { same: 'local', changed: 'both' },
};

/**
 * A folder that was only moved counts as unchanged where the other side deleted it: what is in it decides,
 * and whatever was added or edited there keeps it alive.
 */
function changeOf(base: TreeNode | undefined, side: TreeNode | undefined): Change {
	if (!base) return side ? 'added' : 'absent';
	if (!side) return 'deleted';
	if (!sameVersion(base.version, side.version)) return 'edited';
	return samePlace(base, side) ? 'unchanged' : 'moved';
}

export function outcomeOf(
	base: TreeNode | undefined,
	local: TreeNode | undefined,
	remote: TreeNode | undefined,
): Outcome {
	if (isUnread(local)) return OUTCOMES.unread[changeOf(base, remote)];
	let mine = changeOf(base, local);
	let theirs = changeOf(base, remote);
	if (base?.version.kind === 'folder') {
		if (mine === 'moved' && theirs === 'deleted') mine = 'unchanged';
		if (theirs === 'moved' && mine === 'deleted') theirs = 'unchanged';
	}
	return OUTCOMES[mine][theirs];
}

/** Whether the server still lacks something of the local side; of two places, the server's stands. */
export const hasUnsent = ({ place, version }: Merge): boolean =>
	place === 'local' || version === 'local' || version === 'both';

export interface Merge {
	readonly place: Winner;
	readonly version: Winner;
}

export function mergeOf(base: TreeNode | undefined, local: TreeNode, remote: TreeNode): Merge {
	const aspect = (same: boolean): Aspect => (same ? 'same' : 'changed');
	const decide = <T>(pick: (node: TreeNode) => T, same: (a: T, b: T) => boolean): Winner => {
		if (same(pick(local), pick(remote))) return 'neither';
		if (!base) return 'both';
		return ASPECT[aspect(same(pick(base), pick(local)))][aspect(same(pick(base), pick(remote)))];
	};
	return {
		place: decide((node) => node, samePlace),
		version: decide((node) => node.version, sameVersion),
	};
}
